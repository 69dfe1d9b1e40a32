{{/*
For the pods of an application: waits until the databases hold every migration of this image. It asks the databases and
not for a Job, which may be gone. The pod also needs `localrag-migrate.volumes`.
*/}}
{{- define "localrag-migrate.initContainer.wait" -}}
{{- include "localrag-migrate.initContainer" (merge (dict "name" "migrate-wait" "command" "wait") .) -}}
{{- end -}}

{{/* For the pods of an application where no Job may run: one of its replicas migrates, the others wait for the lock. */}}
{{- define "localrag-migrate.initContainer.migrate" -}}
{{- include "localrag-migrate.initContainer" (merge (dict "name" "migrate" "command" "migrate") .) -}}
{{- end -}}

{{- define "localrag-migrate.initContainer" -}}
{{- $migrate := set (omit . "values") "values" (include "localrag-migrate.values" (list .root .values) | fromJson) -}}
{{- include "localrag-migrate.refuse" (merge (dict "problems" (include "localrag-migrate.initContainerProblems" $migrate)) $migrate) -}}
{{- include "localrag-migrate.container" $migrate -}}
{{- end -}}

{{- define "localrag-migrate.initContainerProblems" -}}
{{- if include "localrag-migrate.isFleet" . }}
an init container knows one pair of databases, and mode fleet has many: give the application's pods settings of their own, or none
{{- end }}
{{- end -}}
