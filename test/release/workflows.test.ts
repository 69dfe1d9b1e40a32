import { expect, test } from 'vitest';
import { parse } from 'yaml';
import { read } from '../docs/documents.ts';

interface Step {
  readonly run?: string;
  readonly uses?: string;
  readonly with?: Readonly<Record<string, unknown>>;
}

interface Job {
  readonly needs?: string | readonly string[];
  readonly steps: readonly Step[];
}

const { jobs } = parse(read('.github/workflows/release.yml')) as { jobs: Readonly<Record<string, Job>> };

/** The whole text of a step. */
const textOf = (step: Step) => JSON.stringify(step);
const stepsOf = (name: string): readonly Step[] => jobs[name]?.steps ?? [];
const pushes = (step: Step) =>
  /helm push|npm publish|docker push|push=true|"push":true|push-to-registry/.test(textOf(step));
const has = (name: string, pattern: RegExp) => stepsOf(name).some((step) => pattern.test(textOf(step)));

/** The jobs that have succeeded before this one starts. */
function before(name: string): ReadonlySet<string> {
  const direct = [jobs[name]?.needs ?? []].flat();
  return new Set(direct.flatMap((job) => [job, ...before(job)]));
}

const jobsWith = (pattern: RegExp) => Object.keys(jobs).filter((name) => has(name, pattern));
const pushing = Object.keys(jobs).filter((name) => stepsOf(name).some(pushes));

test('the image, the charts and the package are pushed', () => {
  expect(pushing.toSorted()).toEqual(['charts', 'image', 'npm']);
});

test.each(pushing)('job %s starts after the checks of the tag, of the charts and of both images', (name) => {
  const [checked = ''] = jobsWith(/release-check\.ts .*--packages/);
  const [tested = ''] = jobsWith(/npm run test:image/);
  expect([...before(name)]).toEqual(expect.arrayContaining([checked, tested]));
});

test('the checks come after helm package and npm pack, and what they checked is what is pushed', () => {
  const [checked = ''] = jobsWith(/release-check\.ts/);
  const steps = stepsOf(checked).map(textOf);
  const at = (pattern: RegExp) => steps.findIndex((step) => pattern.test(step));
  expect(at(/release-check\.ts/)).toBeGreaterThan(at(/helm package/));
  expect(at(/npm pack/)).toBeGreaterThan(-1);
  expect(at(/release-check\.ts/)).toBeGreaterThan(at(/npm pack/));
  expect(at(/upload-artifact/)).toBeGreaterThan(at(/release-check\.ts/));
  for (const name of ['charts', 'npm']) {
    expect(has(name, /download-artifact/), name).toBe(true);
    expect(has(name, /helm package|npm pack|actions\/checkout/), name).toBe(false);
  }
});

test('the image is signed by digest, and without a verified signature neither charts nor package are pushed', () => {
  const steps = stepsOf('image').map(textOf);
  const at = (pattern: RegExp) => steps.findIndex((step) => pattern.test(step));
  const order = [at(/push=true/), at(/cosign sign --yes \S*@/), at(/cosign verify .*--certificate-identity/)];
  expect(order).not.toContain(-1);
  expect(order).toEqual(order.toSorted((a, b) => a - b));
  for (const name of ['charts', 'npm']) expect([...before(name)], name).toContain('image');
});

test('nothing goes on after a failure', () => {
  const text = read('.github/workflows/release.yml');
  expect(text).not.toMatch(/continue-on-error|always\(\)|\|\| true/);
  // `bash` is with pipefail, and a shell that is not named is without.
  expect(parse(text)).toMatchObject({ defaults: { run: { shell: 'bash' } } });
});
