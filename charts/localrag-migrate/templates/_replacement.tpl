{{/*
An object that takes the place of one that a hook has left, and then deletes itself: its creation deletes the predecessor of the same
name. A Job of no completions is complete without a pod. Further keys: object (apiVersion, kind, name), event of Helm's, policy beside
`before-hook-creation`.
*/}}
{{- define "localrag-migrate.replacement" -}}
{{- $pod := include "localrag-migrate.podSpec" (merge (dict "name" "migrate" "command" "migrate") (omit . "object" "event" "policy")) -}}
apiVersion: {{ .object.apiVersion }}
kind: {{ .object.kind }}
metadata:
  name: {{ .object.name | quote }}
  namespace: {{ .root.Release.Namespace | quote }}
  labels:
    {{- include "localrag-migrate.labels" . | nindent 4 }}
  annotations:
    {{- with .root.Values.commonAnnotations }}
    {{- toYaml . | nindent 4 }}
    {{- end }}
    helm.sh/hook: {{ .event }}
    helm.sh/hook-delete-policy: before-hook-creation,{{ .policy }}
{{- if eq .object.kind "Job" }}
spec:
  completions: 0
  template:
    spec:
      {{- $pod | nindent 6 }}
{{- else if eq .object.kind "CronJob" }}
spec:
  suspend: true
  schedule: 0 0 1 1 *
  jobTemplate:
    spec:
      template:
        spec:
          {{- $pod | nindent 10 }}
{{- else if eq .object.kind "NetworkPolicy" }}
spec:
  podSelector:
    matchLabels:
      {{- include "localrag-migrate.selectorLabels" . | nindent 6 }}
{{- end }}
{{- end -}}
