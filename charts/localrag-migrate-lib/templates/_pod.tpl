{{/* A pod of its own that runs one command. Further keys: name and command, as in `localrag-migrate.container`. */}}
{{- define "localrag-migrate.podSpec" -}}
restartPolicy: Never
{{- with include "localrag-migrate.serviceAccountName" . }}
serviceAccountName: {{ . | quote }}
{{- end }}
automountServiceAccountToken: {{ .values.serviceAccount.automount }}
enableServiceLinks: false
terminationGracePeriodSeconds: {{ int64 .values.terminationGracePeriodSeconds }}
{{- with include "localrag-migrate.pullSecrets" . }}
imagePullSecrets:
  {{- . | nindent 2 }}
{{- end }}
{{- with include "localrag-migrate.adapted" (merge (dict "context" .values.podSecurityContext) .) }}
securityContext:
  {{- . | nindent 2 }}
{{- end }}
{{- with .values.extraInitContainers }}
initContainers:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- $quit := eq .values.mesh.mode "quit" | ternary .values.mesh.quitUrl "" }}
containers:
  {{- include "localrag-migrate.container" (merge (dict "sidecarQuitUrl" $quit) .) | nindent 2 }}
  {{- with .values.extraContainers }}
  {{- toYaml . | nindent 2 }}
  {{- end }}
volumes:
  {{- include "localrag-migrate.podVolumes" . | nindent 2 }}
{{- range $field := list
  "nodeSelector" "tolerations" "affinity" "topologySpreadConstraints" "priorityClassName" "runtimeClassName"
  "schedulerName" "hostAliases" "dnsPolicy" "dnsConfig"
}}
{{- with get $.values $field }}
{{ dict $field . | toYaml }}
{{- end }}
{{- end }}
{{- end -}}

{{/* Labels and annotations of such a pod, those for a mesh among them. */}}
{{- define "localrag-migrate.podMetadata" -}}
{{- $labels := deepCopy .values.podLabels }}
{{- if eq .values.mesh.mode "disableInjection" }}
{{- $labels = merge $labels (dict "sidecar.istio.io/inject" "false" "kuma.io/sidecar-injection" "disabled") }}
{{- end -}}
{{- if .values.networkPolicy.enabled }}
{{- $labels = merge $labels (include "localrag-migrate.restrictedLabels" . | fromYaml) }}
{{- end -}}
labels:
  {{- include "localrag-migrate.labels" (merge (dict "labels" $labels) .) | nindent 2 }}
{{- $annotations := dict }}
{{- if eq .values.mesh.mode "disableInjection" }}
{{- $annotations = dict "linkerd.io/inject" "disabled" "consul.hashicorp.com/connect-inject" "false" }}
{{- else if eq .values.mesh.mode "nativeSidecar" }}
{{- $annotations = dict "sidecar.istio.io/nativeSidecar" "true" "config.beta.linkerd.io/proxy-enable-native-sidecar" "true" }}
{{- end }}
{{- with merge (deepCopy .values.podAnnotations) .values.commonAnnotations $annotations }}
annotations:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- end -}}

{{/*
The label that the network policy selects, beside the others. A policy that a hook has left blocks no pod after the policy is
switched off, because the pods have this label only while it is on.
*/}}
{{- define "localrag-migrate.restrictedLabels" -}}
localrag-migrate/egress: restricted
{{- end -}}

{{/* Empty: the namespace's default account, without its token. */}}
{{- define "localrag-migrate.serviceAccountName" -}}
{{- $account := .values.serviceAccount -}}
{{- if $account.create -}}
{{- $account.name | default (include "localrag-migrate.fullname" .) }}{{ if eq (.phase | default "release") "hook" }}-hook{{ end }}
{{- else -}}
{{- $account.name -}}
{{- end -}}
{{- end -}}

{{/* The Secrets to pull images with, as a list, each once; a parent chart's are names or objects. */}}
{{- define "localrag-migrate.pullSecrets" -}}
{{- $secrets := .values.imagePullSecrets }}
{{- range (include "localrag-migrate.global" (list .root "imagePullSecrets") | fromJson).value }}
{{- $secrets = append $secrets (typeIs "string" . | ternary (dict "name" .) .) }}
{{- end }}
{{- with $secrets }}{{ uniq . | toYaml }}{{ end -}}
{{- end -}}
