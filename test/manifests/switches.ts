import type { Values } from '../chart/helm.ts';
import { FLEET, INLINE } from '../chart/values.ts';

const POSTGRES = { host: 'db.example', existingSecret: 'pg' };
const NEO4J = { uri: 'bolt+s://graph.example:7688', existingSecret: 'graph' };
const COMPLIANT = {
  image: 'example/beside:1',
  securityContext: { allowPrivilegeEscalation: false, capabilities: { drop: ['ALL'] } },
};

/** Everything that makes an object in every mode. */
const OBJECTS: Values = {
  migrations: { inline: { '001_first.sql': 'SELECT 1;\n' } },
  serviceAccount: { create: true },
  networkPolicy: { enabled: true, ports: [5432, 7687] },
  prometheusRule: { enabled: true },
};

/**
 * Values by what they are for. Each is rendered in every mode, in place of the same keys of the mode's own values, and
 * must be accepted in at least one. Together they set every value of the chart; the command fails if one is missing.
 */
export const SWITCHES: Readonly<Record<string, Values>> = {
  'passwords in values': INLINE,
  'a URL in values': { postgres: { url: 'postgresql://localrag:p@db.example/localrag' } },
  'a key with the URL': {
    postgres: { existingSecret: 'pg', keys: { url: 'uri' } },
    neo4j: { existingSecret: 'graph', keys: { uri: 'uri', user: 'user', password: 'password' } },
  },
  'a key for each setting': {
    postgres: {
      existingSecret: 'pg',
      keys: { host: 'host', port: 'port', database: 'dbname', user: 'user', password: 'password' },
    },
  },
  'all settings of the databases': {
    postgres: { ...POSTGRES, port: 6432, database: 'rag', user: 'owner' },
    neo4j: { ...NEO4J, user: 'owner', database: 'rag' },
  },
  'scope postgres': { scope: 'postgres', neo4j: {} },
  'scope neo4j': { scope: 'neo4j', postgres: {} },
  'TLS from a Secret': { postgres: { ...POSTGRES, tls: { mode: 'verify-full', existingSecret: 'authority' } } },
  'TLS with a client certificate': {
    postgres: {
      ...POSTGRES,
      keys: { password: '' },
      tls: {
        mode: 'verify-ca',
        existingSecret: 'client',
        existingConfigMap: 'trust',
        keys: { ca: 'root.crt', cert: 'tls.crt', key: 'tls.key' },
      },
    },
  },
  'TLS to Neo4j from a Secret': { neo4j: { ...NEO4J, tls: { existingSecret: 'authority', keys: { ca: 'root.crt' } } } },
  'TLS to Neo4j from a ConfigMap': { neo4j: { ...NEO4J, tls: { existingConfigMap: 'trust' } } },
  'Redis with a password': { redis: { host: 'cache.example', port: 6380, database: 2, password: 'p' } },
  'Redis with a Secret': { redis: { host: 'cache.example', existingSecret: 'cache', keys: { password: 'pw' } } },
  'Redis by URL': { redis: { url: 'redis://cache.example' } },
  'Redis by the key with the URL': { redis: { existingSecret: 'cache', keys: { url: 'uri' } } },
  'inline migrations': { migrations: { inline: { '001_first.sql': 'SELECT 1;\n' } } },
  'migrations of a ConfigMap': { migrations: { existingConfigMap: 'migrations' } },
  'a service account': { serviceAccount: { create: true, annotations: { role: 'arn:example' } } },
  'an existing service account': { serviceAccount: { name: 'migrator', automount: true } },
  'a network policy': { networkPolicy: { enabled: true, ports: [5432, 7687] } },
  'a network policy with rules': {
    networkPolicy: {
      enabled: true,
      extraEgress: [{ to: [{ ipBlock: { cidr: '10.0.0.0/8' } }], ports: [{ port: 88 }] }],
    },
  },
  alerts: {
    prometheusRule: { enabled: true, labels: { prometheus: 'main' }, for: '5m', severity: 'page', runbookUrl: '' },
  },
  'Argo CD PreSync': { argocd: { enabled: true, phase: 'PreSync' } },
  'Argo CD Sync': { argocd: { enabled: true, phase: 'Sync', wave: 20 }, ...INLINE },
  'a mesh without a sidecar': { mesh: { mode: 'disableInjection' } },
  'a mesh with a native sidecar': { mesh: { mode: 'nativeSidecar' } },
  'a mesh that quits': { mesh: { mode: 'quit', quitUrl: 'http://127.0.0.1:4191/shutdown' } },
  'a rollback': { hook: { preRollback: true, weight: 7 } },
  'no canary': { fleet: { ...FLEET.fleet, canary: 0 } },
  'a large fleet': {
    fleet: {
      existingSecret: 'tenants',
      tenants: Array.from({ length: 40 }, (_, index) => `tenant-${index}.env`),
      canary: 3,
      parallelism: 7,
      backoffLimitPerIndex: 0,
      maxFailedIndexes: 40,
    },
  },
  'no CronJob': { cronJob: { enabled: false } },
  'no test': { tests: { enabled: false } },
  'a Job that deletes itself': { job: { ttlSecondsAfterFinished: 0, backoffLimit: 0, annotations: { a: 'b' } } },
  'large numbers': {
    job: { activeDeadlineSeconds: 1_000_000, backoffLimit: 2_000_000 },
    terminationGracePeriodSeconds: 3_000_000,
  },
  'all timeouts': {
    timeouts: {
      wait: '1m',
      lock: '2m',
      statement: '3m',
      ddlLock: '4s',
      ddlLockRetryFor: '5s',
      shutdownGrace: '6s',
    },
    log: { format: 'json', level: 'debug' },
    extraArgs: ['--allow-out-of-order'],
  },
  'names and labels of a site': {
    nameOverride: '0123',
    fullnameOverride: '1e3',
    commonLabels: { team: 'data', 'app.kubernetes.io/part-of': 'search' },
    commonAnnotations: { owner: 'data@example.org' },
    podAnnotations: { note: '1' },
    podLabels: { tier: 'data' },
  },
  'a mirror of the image': {
    enabled: true,
    global: { imageRegistry: 'mirror.example:5000', imagePullSecrets: ['mirror'] },
    image: { registry: 'own.example', repository: 'migrate', digest: `sha256:${'0'.repeat(64)}`, pullPolicy: 'Always' },
    imagePullSecrets: [{ name: 'own' }],
  },
  'a tag': { image: { tag: '1.10' } },
  'other containers and volumes': {
    extraContainers: [{ name: 'beside', ...COMPLIANT }],
    extraInitContainers: [
      { name: 'before', ...COMPLIANT },
      { name: 'sidecar', ...COMPLIANT, restartPolicy: 'Always' },
    ],
    extraVolumes: [{ name: 'ca', configMap: { name: 'ca' } }],
    extraVolumeMounts: [{ name: 'ca', mountPath: '/ca', readOnly: true }],
  },
  'other variables': {
    extraEnv: [
      { name: 'LOG_LEVEL', value: 'debug' },
      { name: 'WAIT_TIMEOUT', value: '1s' },
      { name: 'NODE_EXTRA_CA_CERTS', value: '/ca/ca.crt' },
    ],
    extraEnvFrom: [{ secretRef: { name: 'vault' } }, { configMapRef: { name: 'more' } }],
  },
  'variables of the databases': {
    extraEnv: [
      { name: 'POSTGRES_HOST', value: 'other' },
      { name: 'NEO4J_PASSWORD', valueFrom: { secretKeyRef: { name: 'vault', key: 'graph' } } },
    ],
  },
  'other objects': {
    extraObjects: [{ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: '{{ .Release.Name }}-m' } }],
  },
  'all settings of pods': {
    nodeSelector: { disk: 'ssd' },
    tolerations: [{ key: 'batch', operator: 'Exists', effect: 'NoSchedule' }],
    affinity: {
      nodeAffinity: {
        requiredDuringSchedulingIgnoredDuringExecution: {
          nodeSelectorTerms: [{ matchExpressions: [{ key: 'arch', operator: 'In', values: ['amd64'] }] }],
        },
      },
    },
    topologySpreadConstraints: [
      {
        maxSkew: 1,
        topologyKey: 'zone',
        whenUnsatisfiable: 'ScheduleAnyway',
        labelSelector: { matchLabels: { tier: 'data' } },
      },
    ],
    priorityClassName: 'batch',
    runtimeClassName: 'sandbox',
    schedulerName: 'other',
    hostAliases: [{ ip: '10.0.0.1', hostnames: ['db.example'] }],
    dnsPolicy: 'None',
    dnsConfig: { nameservers: ['10.0.0.2'], options: [{ name: 'ndots', value: '2' }] },
    resources: { requests: { cpu: 1, memory: '1Gi' }, limits: { cpu: 1.5, memory: '1Gi' } },
  },
  'a cluster that is OpenShift': { openshift: { adaptSecurityContext: 'force' } },
  'users chosen by the cluster': {
    podSecurityContext: {
      runAsNonRoot: true,
      runAsUser: null,
      runAsGroup: null,
      fsGroup: null,
      seccompProfile: { type: 'RuntimeDefault' },
    },
    securityContext: {
      runAsNonRoot: true,
      runAsUser: null,
      runAsGroup: null,
      allowPrivilegeEscalation: false,
      readOnlyRootFilesystem: true,
      capabilities: { drop: ['ALL'] },
      seccompProfile: { type: 'RuntimeDefault' },
    },
  },
  'all objects, with passwords in values': {
    ...INLINE,
    ...OBJECTS,
    redis: { host: 'cache.example', password: 'p' },
  },
  'all objects': OBJECTS,
};
