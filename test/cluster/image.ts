import { execute } from '../execute.ts';

export interface ImageSource {
  /** As pods name it: name:tag. */
  readonly image: string;
  /** What `npm run image -- --save FILE` wrote. */
  readonly archive: string | undefined;
  /** For a shell, with IMAGE and ARCHIVE in its environment. */
  readonly loadCommand: string | undefined;
}

/** By the beginnings of the contexts' names that these tools make. */
const TOOLS: Readonly<Record<string, (cluster: string) => string>> = {
  'kind-': (cluster) =>
    `if [ -n "$ARCHIVE" ]; then kind load image-archive "$ARCHIVE" --name ${cluster}; else kind load docker-image "$IMAGE" --name ${cluster}; fi`,
  'k3d-': (cluster) => `k3d image import "\${ARCHIVE:-$IMAGE}" --cluster ${cluster}`,
  minikube: () => `minikube image load "\${ARCHIVE:-$IMAGE}"`,
};

/**
 * Brings the image to the cluster's nodes: by the command given, or by the tool that the context's name speaks of. Any
 * other cluster pulls it.
 * @returns what was done
 */
export async function loadImage(context: string, { image, archive, loadCommand }: ImageSource): Promise<string> {
  const [prefix, tool] = Object.entries(TOOLS).find(([prefix]) => context.startsWith(prefix)) ?? [];
  const command = loadCommand ?? tool?.(context.slice(prefix?.length));
  if (command === undefined) return 'left to the cluster to pull';
  const env = { ...process.env, IMAGE: image, ARCHIVE: archive ?? '' };
  const { code, stdout, stderr } = await execute('sh', ['-euc', command], { env });
  if (code !== 0) throw new Error(`The image could not be loaded: ${command}: ${stdout}${stderr}`);
  return command;
}
