import { join } from 'node:path';
import { type Ended, execute } from '../../execute.ts';
import { type GoProgram, goProgram } from '../../manifests/go-program.ts';
import type { Values } from '../helm.ts';
import type { Stage } from '../stage.ts';

const HELM = '4.2.4';

const FLUX: GoProgram = {
  name: 'flux',
  sources: join(import.meta.dirname, 'go'),
  version: HELM,
  module: `module flux\n\ngo 1.25.0\n\nrequire (\n\thelm.sh/helm/v4 v${HELM}\n\tsigs.k8s.io/kustomize/api v0.21.1\n)\n`,
};

/** Older versions of helm-controller pass hooks to the post-renderer, newer ones do not. */
export type Hooks = 'combined' | 'nohooks';

export interface ActionOptions {
  /** Over those of the connection. */
  readonly values?: Values;
  readonly hooks?: Hooks;
  /** A directory, or a packaged chart; the default is the chart of this repository. */
  readonly chart?: string;
}

/** One action of helm-controller on the release `rag`, to success or failure. */
export async function flux(
  stage: Stage,
  action: 'install' | 'upgrade' | 'uninstall',
  { values = {}, hooks = 'combined', chart }: ActionOptions = {},
): Promise<Ended> {
  const { charts, kubectl, namespace } = stage.props;
  const ended = await execute(await goProgram(FLUX), [
    ...[action, '-context', kubectl.context, '-namespace', namespace, '-hooks', hooks],
    ...['-chart', chart ?? charts.path('charts/localrag-migrate')],
    ...['-values', await charts.values({ ...stage.connection, ...values })],
  ]);
  if (ended.code !== 0) stage.said.push(ended.stderr.trim().slice(0, 160));
  return ended;
}
