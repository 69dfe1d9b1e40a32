{{/* Where a ConfigMap's migrations are mounted. */}}
{{- define "localrag-migrate.migrationsPath" -}}/etc/localrag-migrate/migrations{{- end -}}

{{/*
The ConfigMap with the migrations; empty: the image's own. The name of the release's own changes with the files, so that new files make new
pods, as a new image does. A hook's has one name, by which Helm replaces it.
*/}}
{{- define "localrag-migrate.migrationsConfigMap" -}}
{{- with .values.migrations.inline -}}
{{- include "localrag-migrate.objectName" $ }}{{ if ne ($.phase | default "release") "hook" }}-{{ toJson . | sha256sum | trunc 8 }}{{ end }}
{{- else -}}
{{- .values.migrations.existingConfigMap -}}
{{- end -}}
{{- end -}}

{{/*
The program's container, as a list of one. Further keys: name; command of the program; and sidecarQuitUrl, if the program must
ask a sidecar to quit. Its output is the pod's log and, if it dies without writing one, the termination message.
*/}}
{{- define "localrag-migrate.container" -}}
- name: {{ .name }}
  image: {{ include "localrag-migrate.image" . }}
  imagePullPolicy: {{ .values.image.pullPolicy }}
  args:
    {{- if ne .values.scope "both" }}
    - {{ .values.scope }}
    {{- end }}
    - {{ .command }}
    {{- if eq .command "migrate" }}
    {{- if include "localrag-migrate.isFleet" . }}
    - --tenant-index
    {{- end }}
    {{- range .values.extraArgs }}
    - {{ . | quote }}
    {{- end }}
    {{- end }}
  env:
    {{- include "localrag-migrate.env" . | nindent 4 }}
  {{- with .values.extraEnvFrom }}
  envFrom:
    {{- toYaml . | nindent 4 }}
  {{- end }}
  volumeMounts:
    - name: localrag-migrate-tmp
      mountPath: /tmp
    {{- if (include "localrag-migrate.mountedFiles" . | fromJson).files }}
    - name: localrag-migrate-secrets
      mountPath: {{ include "localrag-migrate.secretsPath" . }}
      readOnly: true
    {{- end }}
    {{- if include "localrag-migrate.isFleet" . }}
    - name: localrag-migrate-tenants
      mountPath: {{ include "localrag-migrate.tenantsPath" . }}
      readOnly: true
    {{- end }}
    {{- if include "localrag-migrate.migrationsConfigMap" . }}
    - name: localrag-migrate-migrations
      mountPath: {{ include "localrag-migrate.migrationsPath" . }}
      readOnly: true
    {{- end }}
    {{- with .values.extraVolumeMounts }}
    {{- toYaml . | nindent 4 }}
    {{- end }}
  {{- with .values.resources }}
  resources:
    {{- toYaml . | nindent 4 }}
  {{- end }}
  {{- with include "localrag-migrate.adapted" (merge (dict "context" .values.securityContext) .) }}
  securityContext:
    {{- . | nindent 4 }}
  {{- end }}
  terminationMessagePolicy: FallbackToLogsOnError
{{- end -}}

{{/*
A security context, without the ids on OpenShift, which assigns them from a range of the namespace and refuses others. Further key:
context.
*/}}
{{- define "localrag-migrate.adapted" -}}
{{- $adapt := .values.openshift.adaptSecurityContext -}}
{{- $isOpenShift := .root.Capabilities.APIVersions.Has "security.openshift.io/v1" -}}
{{- $context := .context -}}
{{- if or (eq $adapt "force") (and (eq $adapt "auto") $isOpenShift) }}
{{- $context = omit $context "runAsUser" "runAsGroup" "fsGroup" }}
{{- end }}
{{- with $context }}{{ toYaml . }}{{ end -}}
{{- end -}}

{{/*
The container's variables, as a list, each name once: server-side apply refuses a name that comes twice. `extraEnv` overrides
what is built in, also where one of the two is a file (`NAME_FILE`), because the program refuses both.
*/}}
{{- define "localrag-migrate.env" -}}
{{- $extra := dict }}
{{- $names := list }}
{{- $overridden := list }}
{{- range .values.extraEnv }}
{{- $_ := set $extra .name . }}
{{- $names = append $names .name | uniq }}
{{- $overridden = append $overridden (trimSuffix "_FILE" .name) }}
{{- end }}
{{- $variables := list }}
{{- range include "localrag-migrate.builtInEnv" . | fromYamlArray }}
{{- if not (has (trimSuffix "_FILE" .name) $overridden) }}
{{- $variables = append $variables . }}
{{- end }}
{{- end }}
{{- range $names }}
{{- $variables = append $variables (get $extra .) }}
{{- end }}
{{- toYaml $variables -}}
{{- end -}}

{{/* The variables that follow from the other settings, as a list. */}}
{{- define "localrag-migrate.builtInEnv" -}}
{{ include "localrag-migrate.connection" . | trim }}
{{- if include "localrag-migrate.migrationsConfigMap" . }}
- name: MIGRATIONS_DIR
  value: {{ include "localrag-migrate.migrationsPath" . }}
{{- end }}
{{- with .values.timeouts }}
- name: WAIT_TIMEOUT
  value: {{ .wait | quote }}
- name: LOCK_TIMEOUT
  value: {{ .lock | quote }}
- name: STATEMENT_TIMEOUT
  value: {{ .statement | quote }}
- name: DDL_LOCK_TIMEOUT
  value: {{ .ddlLock | quote }}
- name: DDL_LOCK_RETRY_FOR
  value: {{ .ddlLockRetryFor | quote }}
- name: SHUTDOWN_GRACE
  value: {{ .shutdownGrace | quote }}
{{- end }}
- name: LOG_FORMAT
  value: {{ .values.log.format }}
- name: LOG_LEVEL
  value: {{ .values.log.level }}
{{- with .sidecarQuitUrl }}
- name: SIDECAR_QUIT_URL
  value: {{ . | quote }}
{{- end }}
{{- end -}}

{{/* The volumes of that container, as a list; for the pods of an application. */}}
{{- define "localrag-migrate.volumes" -}}
{{- include "localrag-migrate.podVolumes" (set (omit . "values") "values" (include "localrag-migrate.values" (list .root .values) | fromJson)) -}}
{{- end -}}

{{/* The same, for settings whose templates are evaluated already. */}}
{{- define "localrag-migrate.podVolumes" -}}
- name: localrag-migrate-tmp
  emptyDir:
    sizeLimit: 16Mi
{{- with (include "localrag-migrate.mountedFiles" . | fromJson).files }}
- name: localrag-migrate-secrets
  projected:
    # 0444, because the user is not root, and the group of an application's pod is not known. The container has one user.
    defaultMode: 292
    sources:
      {{- range . }}
      - {{ hasKey . "configMap" | ternary "configMap" "secret" }}:
          name: {{ .configMap | default .secret | quote }}
          items:
            - key: {{ .key | quote }}
              path: {{ .path }}
      {{- end }}
{{- end }}
{{- if include "localrag-migrate.isFleet" . }}
- name: localrag-migrate-tenants
  secret:
    secretName: {{ .values.fleet.existingSecret | quote }}
    defaultMode: 292
    # The number in front keeps the values' order, which is that of the Job's indexes.
    items:
      {{- range $index, $key := .values.fleet.tenants }}
      - key: {{ $key | quote }}
        path: {{ printf "%06d-%s" $index $key | quote }}
      {{- end }}
{{- end }}
{{- with include "localrag-migrate.migrationsConfigMap" . }}
- name: localrag-migrate-migrations
  configMap:
    name: {{ . | quote }}
{{- end }}
{{- with .values.extraVolumes }}
{{ toYaml . }}
{{- end }}
{{- end -}}
