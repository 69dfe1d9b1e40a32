/** A manifest with a known defect: a check that accepts it checks nothing. */
export interface Defect {
  readonly name: string;
  readonly manifest: string;
  /** Which checks must report it, by the beginnings of their names, and with which text. */
  readonly reportedBy: readonly (readonly [check: string, text: RegExp])[];
}

const CONFIG_MAP = 'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: twice}\n';

/** A Job or CronJob with one container, which is compliant but for what `container` and `spec` add. */
const jobSpec = ({ spec = '', container = '', security = "capabilities: {drop: ['ALL']}" }) => `
      podReplacementPolicy: Failed
      ${spec}
      template:
        spec:
          restartPolicy: Never
          securityContext: {runAsNonRoot: true, seccompProfile: {type: RuntimeDefault}}
          containers:
            - name: migrate
              image: example/migrate:1
              ${container}
              securityContext: {allowPrivilegeEscalation: false, ${security}}
`;
const job = (parts: Parameters<typeof jobSpec>[0]) =>
  `apiVersion: batch/v1\nkind: Job\nmetadata: {name: defect}\nspec: ${jobSpec(parts)}`;
const cronJob = (parts: Parameters<typeof jobSpec>[0]) =>
  `apiVersion: batch/v1\nkind: CronJob\nmetadata: {name: defect}\nspec:
  schedule: 0 0 1 1 *\n  jobTemplate:\n    spec: ${jobSpec(parts)}`;

/** Before 1.34 the API server has no default for `status` in a CronJob, and has one in a Job. */
const WITHOUT_STATUS = {
  spec: 'podFailurePolicy: {rules: [{action: Ignore, onPodConditions: [{type: DisruptionTarget}]}]}',
};
const REQUIRED_STATUS =
  /spec\.jobTemplate\.spec\.podFailurePolicy\.rules\[0\]\.onPodConditions\[0\]\.status: Required value/;

export const DEFECTS: readonly Defect[] = [
  {
    name: 'a condition without status in a CronJob',
    manifest: cronJob(WITHOUT_STATUS),
    reportedBy: [
      ['Kubernetes 1.29.', REQUIRED_STATUS],
      ['Kubernetes 1.31.', REQUIRED_STATUS],
      ['Kubernetes 1.33.', REQUIRED_STATUS],
      ['kubeconform 1.29.', /status/],
      ['kubeconform 1.33.', /status/],
    ],
  },
  {
    name: 'a condition without status in a Job',
    manifest: job(WITHOUT_STATUS),
    reportedBy: [['kubeconform 1.29.', /status/]],
  },
  {
    name: 'an unknown field',
    manifest: job({ spec: 'podFailurePolicies: []' }),
    reportedBy: [
      ['Kubernetes ', /unknown field "spec\.podFailurePolicies"/],
      ['kubeconform ', /podFailurePolicies/],
    ],
  },
  {
    name: 'a field twice',
    manifest: job({ spec: 'podReplacementPolicy: Failed' }),
    reportedBy: [
      ['Kubernetes ', /podReplacementPolicy" already set/],
      ['kubeconform ', /podReplacementPolicy" already set/],
    ],
  },
  {
    name: 'an exit code of 0 that fails the Job',
    manifest: job({
      spec: 'podFailurePolicy: {rules: [{action: FailJob, onExitCodes: {operator: In, values: [0]}}]}',
    }),
    reportedBy: [['Kubernetes ', /rules\[0\]\.onExitCodes\.values\[0\]: Invalid value: 0/]],
  },
  {
    name: 'a variable twice',
    manifest: job({ container: 'env: [{name: A, value: b}, {name: A, value: c}]' }),
    reportedBy: [
      ['Kubernetes ', /warning: spec\.template\.spec\.containers\[0\]\.env\[1\]: hides previous definition/],
    ],
  },
  {
    name: 'capabilities that are kept',
    manifest: job({ security: 'privileged: false' }),
    reportedBy: [['Kubernetes ', /pod security restricted: unrestricted capabilities: .*migrate/]],
  },
  {
    name: 'an object twice',
    manifest: `${CONFIG_MAP}---\n${CONFIG_MAP}`,
    reportedBy: [['kustomize', /may not add resource with an already registered id: ConfigMap/]],
  },
];
