/** What the live line needs of a terminal. */
type Screen = Pick<NodeJS.WriteStream, 'columns' | 'rows' | 'write'>;

/** Milliseconds: what is over sooner is not shown at all; and from one picture to the next. */
const FIRST = 250;
const NEXT = 100;

/**
 * One line at the bottom of a terminal that is drawn again and again in its place. Whatever else is written goes through
 * `aside`, which takes the line off the screen first.
 */
export class LiveLine {
  /** Whether the terminal's font can be expected to have more than ASCII. */
  readonly unicode: boolean;
  readonly #screen: Screen;
  readonly #clean: (text: string) => string;
  #timer: NodeJS.Timeout | undefined;
  #picture: ((tick: number) => string) | undefined;
  #drawing: { draw(text: string): void; clear(): void } | undefined;

  /** `clean` takes secrets out of a whole text, before it is cut to the terminal's width. */
  constructor(screen: Screen, clean: (text: string) => string, unicode: boolean) {
    this.#screen = screen;
    this.#clean = clean;
    this.unicode = unicode;
  }

  /** From now on, or instead of what was shown: the picture for the n-th time of drawing. */
  show(picture: (tick: number) => string): void {
    this.#picture = picture;
    if (this.#timer !== undefined) return;
    const first = setTimeout(() => void this.#begin(first).catch(() => {}), FIRST).unref();
    this.#timer = first;
  }

  end(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#picture = undefined;
    this.#drawing?.clear();
  }

  aside(write: () => void): void {
    this.#drawing?.clear();
    write();
  }

  /** `timer`: another one stands in its place where this has ended meanwhile. */
  async #begin(timer: NodeJS.Timeout): Promise<void> {
    this.#drawing ??= await this.#open();
    if (this.#timer !== timer) return;
    let tick = 0;
    const draw = () => this.#drawing?.draw(this.#picture?.(tick++) ?? '');
    draw();
    this.#timer = setInterval(draw, NEXT).unref();
  }

  async #open() {
    // Loaded once there is something to draw: most runs end before.
    const [{ createLogUpdate }, { default: cut }] = await Promise.all([import('log-update'), import('cli-truncate')]);
    const screen = this.#screen;
    // The cursor stays visible: who is killed could not bring it back.
    const update = createLogUpdate(screen as NodeJS.WriteStream, { showCursor: true });
    return {
      draw: (text: string) => {
        // A tab's width is not known to who cuts.
        const oneLine = this.#clean(text).replaceAll('\t', ' ');
        update(cut(oneLine, Math.max(1, (screen.columns || 80) - 1)));
      },
      clear: () => update.clear(),
    };
  }
}
