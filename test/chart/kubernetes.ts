/** As much of Kubernetes' objects as the tests look at. */
export interface KubernetesObject {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: Metadata;
  readonly spec?: Readonly<Record<string, unknown>>;
  readonly data?: Readonly<Record<string, string>>;
}

interface Metadata {
  readonly name: string;
  readonly namespace?: string;
  readonly labels?: Readonly<Record<string, string>>;
  readonly annotations?: Readonly<Record<string, string>>;
}

export interface JobSpec {
  readonly completions?: number;
  readonly backoffLimit: number;
  readonly activeDeadlineSeconds: number;
  readonly ttlSecondsAfterFinished?: number;
  readonly podReplacementPolicy: string;
  readonly podFailurePolicy: { readonly rules: readonly FailureRule[] };
  readonly template: { readonly metadata: Metadata; readonly spec: PodSpec };
}

interface FailureRule {
  readonly action: string;
  readonly onPodConditions?: readonly { readonly type: string; readonly status: string }[];
  readonly onExitCodes?: { readonly containerName: string; readonly operator: string; readonly values: number[] };
}

export interface PodSpec {
  readonly restartPolicy?: string;
  readonly serviceAccountName?: string;
  readonly automountServiceAccountToken?: boolean;
  readonly enableServiceLinks?: boolean;
  readonly securityContext?: Readonly<Record<string, unknown>>;
  readonly initContainers?: readonly Container[];
  readonly containers: readonly Container[];
  readonly volumes: readonly Volume[];
}

export interface Container {
  readonly name: string;
  readonly image: string;
  readonly args: readonly string[];
  readonly env: readonly Variable[];
  readonly envFrom?: readonly unknown[];
  readonly volumeMounts: readonly { readonly name: string; readonly mountPath: string; readonly readOnly?: boolean }[];
  readonly resources: Readonly<Record<string, Readonly<Record<string, string>>>>;
  readonly securityContext: Readonly<Record<string, unknown>>;
  readonly terminationMessagePolicy: string;
  readonly terminationMessagePath?: string;
}

interface Variable {
  readonly name: string;
  readonly value?: string;
  readonly valueFrom?: { readonly secretKeyRef: { readonly name: string; readonly key: string } };
}

interface Projection {
  readonly name: string;
  readonly items: readonly { readonly key: string; readonly path: string }[];
}

interface Volume {
  readonly name: string;
  readonly emptyDir?: unknown;
  readonly configMap?: { readonly name: string };
  readonly projected?: {
    readonly sources: readonly { readonly secret?: Projection; readonly configMap?: Projection }[];
  };
}

/** Helm's name for when an object is made: a hook's events, or `release`. */
export function phaseOf({ metadata }: KubernetesObject): string {
  return metadata.annotations?.['helm.sh/hook'] ?? metadata.annotations?.['argocd.argoproj.io/hook'] ?? 'release';
}

/**
 * The one object of a kind and phase.
 * @throws Error where there is none, or more than one.
 */
export function only(objects: readonly KubernetesObject[], kind: string, phase = /./): KubernetesObject {
  const found = objects.filter((object) => object.kind === kind && phase.test(phaseOf(object)));
  const [object] = found;
  if (object === undefined || found.length > 1) throw new Error(`${found.length} objects are a ${kind} of ${phase}`);
  return object;
}

/**
 * An object's spec, as whoever asks knows it to be.
 * @throws Error where it has none.
 */
export function specOf<T>({ kind, metadata, spec }: KubernetesObject): T {
  if (spec === undefined) throw new Error(`${kind}/${metadata.name} has no spec`);
  return spec as T;
}

/** The spec of a Job, or of what a CronJob makes. */
export function jobSpecOf(object: KubernetesObject): JobSpec {
  return object.kind === 'CronJob'
    ? specOf<{ jobTemplate: { spec: JobSpec } }>(object).jobTemplate.spec
    : specOf(object);
}

/** The pod that an object makes; undefined for objects that make none. */
export function podOf(object: KubernetesObject): PodSpec | undefined {
  switch (object.kind) {
    case 'Pod':
      return specOf(object);
    case 'Job':
    case 'CronJob':
    case 'Deployment':
      return jobSpecOf(object).template.spec;
    default:
      return undefined;
  }
}

export function environmentOf(container: Container): Readonly<Record<string, string>> {
  const text = ({ value, valueFrom }: Variable) =>
    value ?? `${valueFrom?.secretKeyRef.name}/${valueFrom?.secretKeyRef.key}`;
  return Object.fromEntries(container.env.map((variable) => [variable.name, text(variable)]));
}

/** What a pod mounts and reads that must exist before it starts, as `Secret/name`. */
export function needsOf(pod: PodSpec): readonly string[] {
  const volumes = pod.volumes.flatMap(({ configMap, projected }) => [
    ...(configMap ? [`ConfigMap/${configMap.name}`] : []),
    ...(projected?.sources ?? []).map(({ secret, configMap }) =>
      secret ? `Secret/${secret.name}` : `ConfigMap/${configMap?.name}`,
    ),
  ]);
  const variables = [...pod.containers, ...(pod.initContainers ?? [])].flatMap(({ env }) =>
    (env ?? []).flatMap(({ valueFrom }) => (valueFrom ? [`Secret/${valueFrom.secretKeyRef.name}`] : [])),
  );
  const account = pod.serviceAccountName ? [`ServiceAccount/${pod.serviceAccountName}`] : [];
  return [...new Set([...volumes, ...variables, ...account])].sort();
}
