import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Manifest } from './manifest.ts';
import { REFUSED_BY_HELM } from './post-rendering.ts';

/** Known defects: a check that accepts one checks nothing. */
type Defect = Omit<Manifest, 'file'> & { readonly content: string };

const CONFIG_MAP = 'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: twice}\n';

/** A Job or CronJob with one container, which is compliant without the parts that are added. */
const jobSpec = ({ spec = '', pod = '', container = '', security = "capabilities: {drop: ['ALL']}" }) => `
      podReplacementPolicy: Failed
      ${spec}
      template:
        spec:
          restartPolicy: Never
          ${pod}
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

const DEFECTS: readonly Defect[] = [
  {
    name: 'a condition without status in a CronJob',
    content: cronJob(WITHOUT_STATUS),
    reportedBy: [
      ['Kubernetes 1.29.', REQUIRED_STATUS],
      ['Kubernetes 1.31.', REQUIRED_STATUS],
      ['Kubernetes 1.33.', REQUIRED_STATUS],
      ['kubeconform ', /onPodConditions\/0': missing property 'status'/],
    ],
  },
  {
    name: 'a condition without status in a Job',
    content: job(WITHOUT_STATUS),
    reportedBy: [['kubeconform ', /onPodConditions\/0': missing property 'status'/]],
  },
  {
    name: 'an unknown field',
    content: job({ spec: 'podFailurePolicies: []' }),
    reportedBy: [
      ['Kubernetes ', /unknown field "spec\.podFailurePolicies"/],
      ['kubeconform ', /podFailurePolicies/],
      ['server-side apply', /podFailurePolicies: field not declared in schema/],
    ],
  },
  {
    name: 'a field twice',
    content: job({ spec: 'podReplacementPolicy: Failed' }),
    reportedBy: [
      ['Kubernetes ', /podReplacementPolicy" already set/],
      ['kubeconform ', /podReplacementPolicy" already set/],
      ['kustomize', /mapping key "podReplacementPolicy" already defined/],
      REFUSED_BY_HELM,
    ],
  },
  {
    name: 'an exit code of 0 that fails the Job',
    content: job({
      spec: 'podFailurePolicy: {rules: [{action: FailJob, onExitCodes: {operator: In, values: [0]}}]}',
    }),
    reportedBy: [['Kubernetes ', /rules\[0\]\.onExitCodes\.values\[0\]: Invalid value: 0/]],
  },
  {
    name: 'a variable twice',
    content: job({ container: 'env: [{name: A, value: b}, {name: A, value: c}]' }),
    reportedBy: [
      ['Kubernetes ', /warning: spec\.template\.spec\.containers\[0\]\.env\[1\]: hides previous definition/],
      ['server-side apply', /env: duplicate entries for key \[name="A"\]/],
    ],
  },
  {
    name: 'a host alias twice',
    content: job({ pod: 'hostAliases: [{ip: 10.0.0.1, hostnames: [a]}, {ip: 10.0.0.1, hostnames: [b]}]' }),
    reportedBy: [
      ['Kubernetes ', /warning: spec\.template\.spec\.hostAliases\[1\]\.ip: duplicate ip/],
      ['server-side apply', /hostAliases: duplicate entries for key \[ip="10\.0\.0\.1"\]/],
    ],
  },
  {
    name: 'capabilities that are kept',
    content: job({ security: 'privileged: false' }),
    reportedBy: [['Kubernetes ', /pod security restricted: unrestricted capabilities: .*migrate/]],
  },
  {
    name: 'an object twice',
    content: `${CONFIG_MAP}---\n${CONFIG_MAP}`,
    reportedBy: [['kustomize', /already registered id: ConfigMap/], REFUSED_BY_HELM],
  },
];

export function storeDefects(directory: string): Promise<readonly Manifest[]> {
  return Promise.all(
    DEFECTS.map(async ({ name, content, reportedBy }, index) => {
      const file = join(directory, `defect-${index}.yaml`);
      await writeFile(file, content);
      return { name: `self-check, ${name}`, file, reportedBy };
    }),
  );
}
