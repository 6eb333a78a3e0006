# SPDX-License-Identifier: Apache-2.0
# A node image for kind, for machines that cannot pull kind's own.
FROM scratch
ADD rootfs.tar /
COPY bin/ /usr/local/bin/
COPY images/ /kind/images/
COPY node/ /
COPY version /kind/version
ENV PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
VOLUME /var/lib/containerd
ENTRYPOINT ["/usr/local/bin/entrypoint"]
