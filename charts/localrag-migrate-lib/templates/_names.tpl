{{/*
Every template here takes one dict from its caller:
  root    the caller's `$`
  values  the settings of localrag-migrate with their templates evaluated (`localrag-migrate.values`); what other charts
          include evaluates them itself and takes `.Values.<alias>`
  phase   `hook` before the release's objects exist; left out or `release` after it
  alias   the alias under which a parent chart depends on localrag-migrate; left out if there is none
*/}}

{{/* `migrate`, or `<alias>-migrate`: a parent chart may depend on this chart twice. Helm gives a chart its alias as its name. */}}
{{- define "localrag-migrate.name" -}}
{{- .values.nameOverride | default (empty .alias | ternary "migrate" (printf "%s-migrate" .alias)) -}}
{{- end -}}

{{/* `<release>-migrate`, of at most 47 characters: a CronJob's name has at most 52, `-hook` included, and a Job's hash has 11 of 63. */}}
{{- define "localrag-migrate.fullname" -}}
{{- $name := include "localrag-migrate.name" . -}}
{{- $release := .root.Release.Name -}}
{{- $made := contains $name $release | ternary $release (printf "%s-%s" $release $name) -}}
{{- .values.fullnameOverride | default $made | trunc 47 | trimSuffix "-" -}}
{{- end -}}

{{/* The name of a Secret, a ConfigMap, …: a hook has its own copies, because Helm deletes a hook's objects before the next one. */}}
{{- define "localrag-migrate.objectName" -}}
{{- include "localrag-migrate.fullname" . }}{{ if eq (.phase | default "release") "hook" }}-hook{{ end }}
{{- end -}}

{{- define "localrag-migrate.image" -}}
{{- $image := .values.image -}}
{{- $registry := (include "localrag-migrate.global" (list .root "imageRegistry") | fromJson).value | default $image.registry -}}
{{- with $registry }}{{ . }}/{{ end }}{{ $image.repository }}
{{- if $image.digest }}@{{ $image.digest }}{{ else }}:{{ $image.tag | default (include "localrag-migrate.appVersion" .) }}{{ end }}
{{- end -}}

{{/* The version of the program that this library was released with; the charts' appVersions are the same. */}}
{{- define "localrag-migrate.appVersion" -}}0.1.0{{- end -}}

{{- define "localrag-migrate.selectorLabels" -}}
app.kubernetes.io/name: {{ .values.nameOverride | default (empty .alias | ternary "localrag-migrate" (printf "%s-migrate" .alias)) | quote }}
app.kubernetes.io/instance: {{ .root.Release.Name | quote }}
{{- end -}}

{{/* Further key, may be left out: labels. What is selected by cannot be overridden, the rest can. */}}
{{- define "localrag-migrate.labels" -}}
{{- $chart := printf "%s-%s" .root.Chart.Name .root.Chart.Version | replace "+" "_" | trunc 63 | trimSuffix "-" -}}
{{- $standard := dict
  "app.kubernetes.io/component" "migrate"
  "app.kubernetes.io/part-of" "localrag"
  "app.kubernetes.io/version" (.values.image.tag | default .root.Chart.AppVersion | toString | trunc 63 | regexFind "^.*[A-Za-z0-9]")
  "app.kubernetes.io/managed-by" .root.Release.Service
  "helm.sh/chart" $chart
-}}
{{- $selected := include "localrag-migrate.selectorLabels" . | fromYaml -}}
{{- merge $selected (.labels | default dict) .values.commonLabels $standard | toYaml -}}
{{- end -}}

{{/* Not empty in mode fleet: each of many tenants has a file with the settings of its databases. */}}
{{- define "localrag-migrate.isFleet" -}}
{{- if eq (.values.mode | default "") "fleet" }}true{{ end -}}
{{- end -}}

{{/* Not empty if a database is in scope. Further key: database. */}}
{{- define "localrag-migrate.inScope" -}}
{{- if or (eq .database "redis") (has .values.scope (list "both" .database)) }}true{{ end -}}
{{- end -}}
