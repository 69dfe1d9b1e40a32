{{/* The alias under which a parent chart depends on this chart: Helm gives it to the chart as its name. Takes the root. */}}
{{- define "localrag-migrate.alias" -}}
{{- if ne .Chart.Name "localrag-migrate" }}{{ .Chart.Name }}{{ end -}}
{{- end -}}

{{/* Not empty if a hook migrates, before the release's objects exist. Takes the root. */}}
{{- define "localrag-migrate.migratesInHook" -}}
{{- if has .Values.mode (list "hook" "fleet") }}true{{ end -}}
{{- end -}}

{{/*
The Job's spec. The rule for evictions comes first: the exit code of an evicted container (143, or another) must not
fail the Job. Then come the permanent exit codes; backoffLimit counts the others. In a fleet each tenant has an
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
activeDeadlineSeconds: {{ include "localrag-migrate.deadline" . }}
{{- if include "localrag-migrate.hasTtl" . }}
ttlSecondsAfterFinished: {{ int64 .values.job.ttlSecondsAfterFinished }}
{{- end }}
# A pod that is being stopped still holds its lock; a second pod would only wait for it.
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

{{/* Seconds for the whole Job: in a fleet, for each round of tenants. Further key, may be left out: completions. */}}
{{- define "localrag-migrate.deadline" -}}
{{- $rounds := 1 -}}
{{- if include "localrag-migrate.isFleet" . -}}
{{- $rounds = divf (.completions | default (len .values.fleet.tenants)) .values.fleet.parallelism | ceil | int64 | max 1 -}}
{{- end -}}
{{- mul .values.job.activeDeadlineSeconds $rounds -}}
{{- end -}}

{{/* Not empty if a finished Job deletes itself, also at once (0). */}}
{{- define "localrag-migrate.hasTtl" -}}
{{- if not (kindIs "invalid" .values.job.ttlSecondsAfterFinished) }}true{{ end -}}
{{- end -}}

{{/* Annotations of a hook of Argo CD. Further keys: hook, its phase; weight. */}}
{{- define "localrag-migrate.argocdAnnotations" -}}
argocd.argoproj.io/hook: {{ .hook }}
argocd.argoproj.io/hook-delete-policy: BeforeHookCreation
argocd.argoproj.io/sync-wave: {{ add .values.argocd.wave .weight | quote }}
{{- end -}}

{{/*
Annotations that make an object part of the hook. Only its successor deletes it, because the log of a failed pod must
survive. Further keys: weight, and output if Helm prints the log of a failed one.
*/}}
{{- define "localrag-migrate.hookAnnotations" -}}
{{- if .values.argocd.enabled -}}
{{- include "localrag-migrate.argocdAnnotations" (merge (dict "hook" .values.argocd.phase) .) -}}
{{- else -}}
helm.sh/hook: pre-install,pre-upgrade{{ if .values.hook.preRollback }},pre-rollback{{ end }}
helm.sh/hook-weight: {{ add .values.hook.weight .weight | quote }}
helm.sh/hook-delete-policy: before-hook-creation
{{- if .output }}
helm.sh/hook-output-log-policy: hook-failed
{{- end }}
{{- end }}
{{- end -}}

{{/* The label by which one command deletes what hooks have left; Helm itself forgets these objects. */}}
{{- define "localrag-migrate.hookLabels" -}}
localrag-migrate/hook: "true"
{{- end -}}

{{/* The metadata of an object that exists in both phases. Further keys: name, weight. */}}
{{- define "localrag-migrate.metadata" -}}
name: {{ .name | quote }}
namespace: {{ .root.Release.Namespace | quote }}
labels:
  {{- include "localrag-migrate.labels" . | nindent 2 }}
  {{- if eq .phase "hook" }}
  {{- include "localrag-migrate.hookLabels" . | nindent 2 }}
  {{- end }}
{{- $annotations := .annotations | default dict | deepCopy }}
{{- if eq .phase "hook" }}
{{- $annotations = merge $annotations (include "localrag-migrate.hookAnnotations" . | fromYaml) }}
{{- end }}
{{- with merge $annotations .values.commonAnnotations }}
annotations:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- end -}}

{{/* The phases in which objects are needed, as JSON. The release's own are for the test, init containers and Argo CD's CronJob. */}}
{{- define "localrag-migrate.phases" -}}
{{- include "localrag-migrate.migratesInHook" . | empty | ternary (list "release") (list "hook" "release") | toJson -}}
{{- end -}}
