# SPDX-License-Identifier: Apache-2.0
"""websockify, whose pages browsers ask for again: a newer image has newer ones."""
from websockify import websocketproxy

handler = websocketproxy.ProxyRequestHandler
end_headers = handler.end_headers


def end_headers_uncached(self):
    self.send_header("Cache-Control", "no-cache")
    end_headers(self)


handler.end_headers = end_headers_uncached
websocketproxy.websockify_init()
