import { describe, expect, test } from 'vitest';
import { render } from './helm.ts';
import { HELMS } from './helm-installation.ts';
import { jobSpecOf, only, specOf } from './kubernetes.ts';
import { EXISTING } from './values.ts';

interface PolicySpec {
  readonly podSelector: { readonly matchLabels: Readonly<Record<string, string>> };
  readonly policyTypes: readonly string[];
  readonly egress: readonly { readonly ports?: readonly { readonly port: number }[] }[];
}

interface RuleSpec {
  readonly groups: readonly { readonly rules: readonly { alert: string; expr: string; labels: object }[] }[];
}

describe.each(HELMS)('Helm %s', (helm) => {
  test.each([
    ['both', {}, [53, 53, 5432, 7687]],
    ['postgres', { postgres: { host: 'db', port: 6432 } }, [53, 53, 6432]],
    ['neo4j', { neo4j: { uri: 'bolt+s://[::1]:7688/x', existingSecret: 's' } }, [53, 53, 7688]],
    ['postgres', { postgres: { url: 'postgres://u:p%40:9@db:6433/x:1' } }, [53, 53, 6433]],
    ['postgres', { postgres: { url: 'postgres://db/x' } }, [53, 53, 5432]],
  ])(
    'a network policy for scope %s with %o lets out to the ports %j and to what is added',
    async (scope, values, ports) => {
      const networkPolicy = { enabled: true, extraEgress: [{ to: [{ ipBlock: { cidr: '10.0.0.0/8' } }] }] };
      const objects = await render(helm, { ...EXISTING, scope, ...values, networkPolicy });
      for (const phase of [/release/, /pre-/]) {
        const policy = only(objects, 'NetworkPolicy', phase);
        const spec = specOf<PolicySpec>(policy);
        expect(spec.egress[0]?.ports?.map(({ port }) => port)).toEqual(ports);
        expect(spec.policyTypes).toEqual(['Ingress', 'Egress']);
        expect(spec).not.toHaveProperty('ingress');
        expect(spec.egress[1]).toEqual(networkPolicy.extraEgress[0]);
        const labels = jobSpecOf(only(objects, 'Job', /pre-/)).template.metadata.labels;
        expect(labels).toMatchObject(spec.podSelector.matchLabels);
      }
    },
  );

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
    for (const { labels } of group?.rules ?? []) expect(labels).toEqual({ severity: 'page' });
    expect(JSON.stringify(rule)).toContain('{{ $labels.job_name }}');
  });
});
