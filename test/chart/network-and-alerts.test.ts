import { describe, expect, test } from 'vitest';
import { refusal, render } from './helm.ts';
import { HELMS } from './helm-installation.ts';
import { jobSpecOf, only, specOf } from './kubernetes.ts';
import { EXISTING } from './values.ts';

interface PolicySpec {
  readonly podSelector: { readonly matchLabels: Readonly<Record<string, string>> };
  readonly policyTypes: readonly string[];
  readonly egress: readonly { readonly ports?: readonly { readonly port: number; readonly protocol?: string }[] }[];
}

interface Values {
  readonly networkPolicy?: object;
}

interface RuleSpec {
  readonly groups: readonly {
    readonly rules: readonly { alert: string; expr: string; labels: object; annotations: Record<string, string> }[];
  }[];
}

/** As clients name it, and as OpenShift's pods listen: policies see a Service's target port. */
const DNS = [53, 53, 5353, 5353];
const NONE = { postgres: {}, neo4j: {} };
const FLEET = { mode: 'fleet', fleet: { existingSecret: 'tenants', tenants: ['a.env'] } };

describe.each(HELMS)('Helm %s', (helm) => {
  test.each([
    ['both', {}, [...DNS, 5432, 7687]],
    ['postgres', { postgres: { host: 'db', port: 6432 } }, [...DNS, 6432]],
    ['neo4j', { neo4j: { uri: 'bolt+s://[::1]:7688/x', existingSecret: 's' } }, [...DNS, 7688]],
    ['postgres', { postgres: { url: 'postgres://u:p%40:9@db:6433/x:1' } }, [...DNS, 6433]],
    ['postgres', { postgres: { url: 'postgres://db/x' } }, [...DNS, 5432]],
    ['both', { networkPolicy: { ports: [6000, 7000] } }, [...DNS, 6000, 7000]],
    ['both', { ...FLEET, ...NONE, networkPolicy: { ports: [6000] } }, [...DNS, 6000]],
  ])(
    'a network policy for scope %s with %o lets out to the ports %j and to what is added',
    async (scope, values, ports) => {
      const extraEgress = [{ to: [{ ipBlock: { cidr: '10.0.0.0/8' } }] }];
      const networkPolicy = { ...(values as Values).networkPolicy, enabled: true, extraEgress };
      const objects = await render(helm, { ...EXISTING, scope, ...values, networkPolicy });
      for (const phase of [/release/, /pre-/]) {
        const policy = only(objects, 'NetworkPolicy', phase);
        const spec = specOf<PolicySpec>(policy);
        expect(spec.egress[0]?.ports?.map(({ port }) => port)).toEqual(ports);
        expect(spec.policyTypes).toEqual(['Ingress', 'Egress']);
        expect(spec).not.toHaveProperty('ingress');
        expect(spec.egress[1]).toEqual(extraEgress[0]);
        const labels = jobSpecOf(only(objects, 'CronJob')).template.metadata.labels;
        expect(labels).toMatchObject(spec.podSelector.matchLabels);
      }
    },
  );

  test('a network policy opens both protocols of DNS', async () => {
    const policy = only(
      await render(helm, { ...EXISTING, mode: 'job', networkPolicy: { enabled: true } }),
      'NetworkPolicy',
    );
    for (const port of [53, 5353]) {
      for (const protocol of ['UDP', 'TCP']) {
        expect(specOf<PolicySpec>(policy).egress[0]?.ports).toContainEqual({ port, protocol });
      }
    }
  });

  test('a network policy of a fleet opens no port that the values do not name', async () => {
    const extraEgress = [{ ports: [{ port: 6000, protocol: 'TCP' }] }];
    const objects = await render(helm, { ...FLEET, networkPolicy: { enabled: true, extraEgress } });
    for (const phase of [/release/, /pre-/]) {
      const { egress } = specOf<PolicySpec>(only(objects, 'NetworkPolicy', phase));
      expect(egress.flatMap(({ ports }) => ports?.map(({ port }) => port))).toEqual([...DNS, 6000]);
    }
    expect(await refusal(helm, { ...FLEET, networkPolicy: { enabled: true } })).toMatch(
      /networkPolicy\.ports is empty, .* each tenant's file/,
    );
  });

  test('the alert on pods that cannot start sees a missing Secret, which has the reason of a starting pod', async () => {
    const prometheusRule = { enabled: true };
    const rule = only(await render(helm, { ...EXISTING, prometheusRule }), 'PrometheusRule');
    const [, , { expr } = { expr: '' }] = specOf<RuleSpec>(rule).groups[0]?.rules ?? [];
    const pods = 'namespace="rag",pod=~"r-migrate-.+"';
    const [atOnce, inTime] = expr.split(/\s+or\s+/);
    expect(atOnce).toContain(`kube_pod_container_status_waiting_reason{${pods},reason=~"`);
    for (const reason of ['CreateContainerConfigError', 'CreateContainerError', 'ErrImagePull', 'ImagePullBackOff']) {
      expect(atOnce).toContain(reason);
    }
    // A pod that pulls its image waits for the same reason, so it counts only after a time.
    expect(atOnce).not.toContain('ContainerCreating');
    expect(inTime?.replace(/\s+/g, ' ').trim()).toBe(
      `kube_pod_container_status_waiting_reason{${pods},reason=~"ContainerCreating|PodInitializing"} > 0 ` +
        `and on (namespace, pod) time() - kube_pod_created{${pods}} > 300 ` +
        `unless on (namespace, pod) kube_pod_init_container_status_running{${pods}} > 0`,
    );
  });

  test("in mode initContainer alerts watch the application's pods", async () => {
    const prometheusRule = { enabled: true, runbookUrl: '' };
    const rule = only(await render(helm, { ...EXISTING, mode: 'initContainer', prometheusRule }), 'PrometheusRule');
    const [failed, , cannotStart] = specOf<RuleSpec>(rule).groups[0]?.rules ?? [];
    const init = 'kube_pod_init_container_status_waiting_reason{namespace="rag",container="migrate",reason';
    expect(failed?.expr).toContain(`${init}="CrashLoopBackOff"} > 0`);
    expect(cannotStart?.expr).toContain(`${init}=~"CreateContainerConfigError|`);
    expect(failed?.annotations).not.toHaveProperty('runbook_url');
  });

  test('a policy that a hook has left selects no pod after it is switched off', async () => {
    const on = await render(helm, { ...EXISTING, networkPolicy: { enabled: true } });
    const off = await render(helm, EXISTING);
    const { matchLabels } = specOf<PolicySpec>(only(on, 'NetworkPolicy', /pre-/)).podSelector;
    const selected = (labels: object | undefined) =>
      Object.entries(matchLabels).every(([key, value]) => (labels as Record<string, string>)[key] === value);
    expect(selected(jobSpecOf(only(on, 'Job')).template.metadata.labels)).toBe(true);
    expect(selected(jobSpecOf(only(off, 'Job')).template.metadata.labels)).toBe(false);
  });

  test('alerts name the Jobs of this release, whatever their hash', async () => {
    const prometheusRule = { enabled: true, labels: { prometheus: 'main' }, severity: 'page', for: '5m' };
    const rule = only(await render(helm, { ...EXISTING, mode: 'job', prometheusRule }), 'PrometheusRule');
    expect(rule.metadata.labels).toMatchObject({ prometheus: 'main' });
    const [group] = specOf<RuleSpec>(rule).groups;
    expect(group?.rules.map(({ alert }) => alert)).toEqual([
      'LocalragMigrateFailed',
      'LocalragMigrateSlow',
      'LocalragMigrateCannotStart',
    ]);
    expect(group?.rules[0]?.expr).toBe(
      'kube_job_failed{namespace="rag",job_name=~"r-migrate(-.+)?",condition="true"} > 0',
    );
    for (const { labels, annotations } of group?.rules ?? []) {
      expect(labels).toEqual({ severity: 'page' });
      expect(annotations.runbook_url).toMatch(/^https:.*docs\/failing-upgrade\.md$/);
    }
    expect(JSON.stringify(rule)).toContain('{{ $labels.job_name }}');
  });
});
