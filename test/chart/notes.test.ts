import { describe, expect, test } from 'vitest';
import { notes } from './helm.ts';
import { EXISTING, FLEET } from './values.ts';

// `helm template` does not render them, and a dry run of Helm 3 asks for a cluster; its lint has read them.
describe('Helm 4', () => {
  test.each([
    ['hook', /--timeout 31m[\s\S]*create job [^\n]*--from=cronjob\/r-migrate-hook[\s\S]*helm -n rag test r/],
    ['job', /Job of this release[\s\S]*--timeout 31m[\s\S]*create job [^\n]*--from=cronjob\/r-migrate\b/],
    ['initContainer', /init container[\s\S]*create job [^\n]*--from=cronjob\/r-migrate\b/],
  ])('in mode %s the notes say what to do', async (mode, words) => {
    expect(await notes('4', { ...EXISTING, mode })).toMatch(words);
  });

  test('the notes follow the deadline, and name only what is there', async () => {
    const quiet = { job: { activeDeadlineSeconds: 7141 }, cronJob: { enabled: false }, tests: { enabled: false } };
    const said = await notes('4', { ...EXISTING, ...quiet });
    expect(said).toContain('--timeout 121m');
    expect(said).not.toMatch(/--from=cronjob|helm -n/);
  });

  test("in mode fleet they ask for the program's container by its name, because Kubernetes sorts a sidecar before it", async () => {
    expect(await notes('4', FLEET)).toMatch(/WHY:\.status\.containerStatuses\[\?\(@\.name=="migrate"\)\]/);
  });
});
