import { join } from 'node:path';
import { type Ended, execute } from '../../execute.ts';
import { goProgram, moduleFileRequiring } from '../../manifests/go-program.ts';
import type { Stage } from '../stage.ts';

const ENGINE = 'github.com/argoproj/gitops-engine';
/** The version that Argo CD 3.2 requires. */
const VERSION = 'v0.7.1-0.20251217140045-5baed5604d2d';

/** Synchronizes rendered manifests by Argo CD's engine, to success or failure. */
export async function synchronize(stage: Stage, manifests: string): Promise<Ended> {
  const { namespace, kubectl } = stage.props;
  const program = await goProgram({
    name: 'gitops',
    sources: join(import.meta.dirname, 'go'),
    version: VERSION,
    module: await moduleFileRequiring(ENGINE, VERSION),
  });
  return execute(program, ['-context', kubectl.context, '-namespace', namespace], { input: manifests });
}
