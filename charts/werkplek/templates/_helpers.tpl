{{- /* SPDX-License-Identifier: Apache-2.0 */}}

{{- /* What marks every object of the release. Pods have fewer labels, so that an upgrade restarts none for a label. */}}
{{- define "werkplek.labels" -}}
app.kubernetes.io/part-of: werkplek
app.kubernetes.io/instance: {{ .Release.Name }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version | replace "+" "_" | trunc 63 | trimSuffix "-" }}
{{- end }}

{{- define "werkplek.image" -}}
{{- $root := index . 0 -}}
{{ $root.Values.image.registry }}/{{ index . 1 }}:{{ $root.Values.image.tag | default $root.Chart.AppVersion }}
{{- end }}

{{- /* The host of the portal, without its port. */}}
{{- define "werkplek.portalHost" -}}
{{ regexReplaceAll ":[0-9]+$" (get (urlParse .Values.portal.url) "host") "" }}
{{- end }}

{{- /* What the Go runtime is told of a container's limits: of memory it knows none by itself, and of CPU where there is none. */}}
{{- define "werkplek.goRuntime" -}}
{{- $limits := dig "limits" (dict) .resources -}}
{{- if $limits.memory }}
- name: GOMEMLIMIT
  valueFrom: {resourceFieldRef: {resource: limits.memory, divisor: "1"}}
{{- end }}
{{- if not $limits.cpu }}
- {name: GOMAXPROCS, value: {{ .goMaxProcs | quote }}}
{{- end }}
{{- end }}

{{- define "werkplek.podSecurity" -}}
runAsNonRoot: true
runAsUser: 65532
runAsGroup: 65532
fsGroup: 65532
seccompProfile: {type: RuntimeDefault}
{{- end }}

{{- define "werkplek.containerSecurity" -}}
allowPrivilegeEscalation: false
readOnlyRootFilesystem: true
capabilities: {drop: [ALL]}
{{- end }}

{{- /* Where pods run: of the root, the name of the pods, and the values of their part. */}}
{{- define "werkplek.scheduling" -}}
{{- $root := index . 0 }}{{ $name := index . 1 }}{{ $own := index . 2 -}}
{{- with $root.Values.priorityClass.name }}
priorityClassName: {{ . }}
{{- end }}
{{- with $own.nodeSelector }}
nodeSelector:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- with $own.tolerations }}
tolerations:
  {{- toYaml . | nindent 2 }}
{{- end }}
affinity:
  {{- if $own.affinity }}
  {{- toYaml $own.affinity | nindent 2 }}
  {{- else }}
  podAntiAffinity:
    preferredDuringSchedulingIgnoredDuringExecution:
      - weight: 100
        podAffinityTerm:
          topologyKey: kubernetes.io/hostname
          labelSelector:
            matchLabels: {app.kubernetes.io/name: {{ $name }}}
  {{- end }}
{{- if $root.Values.topologySpread.enabled }}
topologySpreadConstraints:
  {{- range list "topology.kubernetes.io/zone" "kubernetes.io/hostname" }}
  - maxSkew: 1
    topologyKey: {{ . }}
    whenUnsatisfiable: ScheduleAnyway
    labelSelector:
      matchLabels: {app.kubernetes.io/name: {{ $name }}}
    matchLabelKeys: [pod-template-hash]
  {{- end }}
{{- end }}
{{- end }}

{{- /* Peers of a NetworkPolicy's rule on ports; no addresses are all. */}}
{{- define "werkplek.toAddresses" -}}
{{- if .cidrs }}
to:
  {{- range .cidrs }}
  - ipBlock: {cidr: {{ . | quote }}}
  {{- end }}
{{- end }}
ports:
  {{- range .ports }}
  - {protocol: TCP, port: {{ . }}}
  {{- end }}
{{- end }}

{{- define "werkplek.resolution" -}}
- to:
    - namespaceSelector:
        matchLabels: {kubernetes.io/metadata.name: kube-system}
    - ipBlock: {cidr: 169.254.0.0/16} # a cache of names on the node
  ports:
    - {protocol: UDP, port: 53}
    - {protocol: TCP, port: 53}
{{- end }}

{{- /* Records outlive the release, and so do the kinds and the rules that keep them. Without crds.keep the definitions
       say that they may go with everything in them, which the policies ask for. */}}
{{- define "werkplek.keep" -}}
{{- if .Values.crds.keep -}}
argocd.argoproj.io/sync-options: Prune=false,Delete=false
helm.sh/resource-policy: keep
kustomize.toolkit.fluxcd.io/prune: disabled
{{- else -}}
werkplek.dev/deletion: erases-all-records
{{- end }}
{{- end }}
