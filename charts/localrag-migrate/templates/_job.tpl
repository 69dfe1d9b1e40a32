{{/*
The Job's spec. An eviction is looked at first: its exit code (143, or whatever the container had at that moment) must not
fail the Job. Then come the codes that no further try can mend; backoffLimit counts the others. Of a fleet each tenant has an
index, which fails alone. Further keys for it, may be left out: completions, maxFailedIndexes.
*/}}
{{- define "localrag-migrate.jobSpec" -}}
{{- $fleet := include "localrag-migrate.isFleet" . -}}
{{- if $fleet -}}
{{- $completions := .completions | default (len .values.fleet.tenants) -}}
completionMode: Indexed
completions: {{ $completions }}
parallelism: {{ min $completions .values.fleet.parallelism }}
backoffLimitPerIndex: {{ int64 .values.fleet.backoffLimitPerIndex }}
maxFailedIndexes: {{ min $completions (hasKey . "maxFailedIndexes" | ternary .maxFailedIndexes .values.fleet.maxFailedIndexes) }}
{{- else -}}
backoffLimit: {{ int64 .values.job.backoffLimit }}
{{- end }}
activeDeadlineSeconds: {{ int64 .values.job.activeDeadlineSeconds }}
{{- if include "localrag-migrate.hasTtl" . }}
ttlSecondsAfterFinished: {{ int64 .values.job.ttlSecondsAfterFinished }}
{{- end }}
# A pod that is being stopped still holds its lock; another one beside it would only wait for that.
podReplacementPolicy: Failed
podFailurePolicy:
  rules:
    - action: Ignore
      onPodConditions:
        # Before 1.34 the API server requires the status in CronJobs.
        - type: DisruptionTarget
          status: "True"
    - action: {{ empty $fleet | ternary "FailJob" "FailIndex" }}
      onExitCodes:
        containerName: migrate
        operator: In
        values: [1, 64, 65, 70, 76, 77, 78]
template:
  metadata:
    {{- include "localrag-migrate.podMetadata" . | nindent 4 }}
  spec:
    {{- include "localrag-migrate.podSpec" (merge (dict "name" "migrate" "command" "migrate") .) | nindent 4 }}
{{- end -}}

{{/* Whether a finished Job deletes itself, be it at once (0). */}}
{{- define "localrag-migrate.hasTtl" -}}
{{- if not (kindIs "invalid" .values.job.ttlSecondsAfterFinished) }}true{{ end -}}
{{- end -}}

{{/*
Annotations that make an object part of the hook. Nothing but its successor deletes it, because the log of a failed pod must
survive. Further keys: weight, and output where a failed one's log is shown.
*/}}
{{- define "localrag-migrate.hookAnnotations" -}}
{{- if .values.argocd.enabled -}}
argocd.argoproj.io/hook: {{ .values.argocd.phase }}
argocd.argoproj.io/hook-delete-policy: BeforeHookCreation
argocd.argoproj.io/sync-wave: {{ add .values.argocd.wave .weight | quote }}
{{- else -}}
helm.sh/hook: pre-install,pre-upgrade{{ if .values.hook.preRollback }},pre-rollback{{ end }}
helm.sh/hook-weight: {{ add .values.hook.weight .weight | quote }}
helm.sh/hook-delete-policy: before-hook-creation
{{- if .output }}
helm.sh/hook-output-log-policy: hook-failed
{{- end }}
{{- end }}
{{- end -}}

{{/* The metadata of an object that exists in both phases. Further keys: name, weight. */}}
{{- define "localrag-migrate.metadata" -}}
name: {{ .name | quote }}
namespace: {{ .root.Release.Namespace | quote }}
labels:
  {{- include "localrag-migrate.labels" . | nindent 2 }}
{{- $annotations := .annotations | default dict | deepCopy }}
{{- if eq .phase "hook" }}
{{- $annotations = merge $annotations (include "localrag-migrate.hookAnnotations" . | fromYaml) }}
{{- end }}
{{- with merge $annotations .values.commonAnnotations }}
annotations:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- end -}}

{{/* The phases in which objects are needed, as JSON. The release's own are for the CronJob, the test and init containers. */}}
{{- define "localrag-migrate.phases" -}}
{{- if has .Values.mode (list "hook" "fleet") }}{{ list "hook" "release" | toJson }}{{ else }}{{ list "release" | toJson }}{{ end -}}
{{- end -}}
