import assert from 'node:assert/strict';
import { read } from '../../docs/documents.ts';
import { patternOf } from '../../docs/followed.ts';
import type { DocumentedDatabases } from './databases.ts';
import { type Step, stepsOf } from './steps.ts';
import { Workspace, type WorkspaceOptions } from './workspace.ts';

/** What commands have printed, by what was entered. */
export type Printed = ReadonlyMap<string, string>;

/** Does what a page says, in its order, in one shell. */
export class Reader {
  readonly databases: DocumentedDatabases;
  readonly #workspace: Workspace;

  private constructor(databases: DocumentedDatabases, workspace: Workspace) {
    this.databases = databases;
    this.#workspace = workspace;
  }

  /** With empty databases, their passwords and the certificate of their authority. */
  static async open(
    databases: DocumentedDatabases,
    options: Pick<WorkspaceOptions, 'kubectl' | 'helm' | 'image'>,
  ): Promise<Reader> {
    await databases.renew();
    const workspace = await Workspace.open({
      ...options,
      files: { 'ca.crt': databases.authority },
      env: { POSTGRES_PASSWORD: databases.postgresPassword, NEO4J_PASSWORD: databases.neo4jPassword },
    });
    return new Reader(databases, workspace);
  }

  /**
   * Takes the steps under a heading.
   * @throws {AssertionError} with the place of the first one that does not do what the page says
   */
  async follow(path: string, heading: string): Promise<Printed> {
    const printed = new Map<string, string>();
    const steps = stepsOf(read(path), heading);
    assert.ok(steps.length > 0, `${path} has something to follow under ${heading}`);
    for (const step of steps) {
      if (step.kind === 'file') await this.write(step.name, step.text);
      else printed.set(step.script, await this.#enter(step, path));
    }
    return printed;
  }

  /** Fills in a file, as a page asks for. */
  write(name: string, text: string): Promise<void> {
    return this.#workspace.write(name, text);
  }

  /** What a page says in its text. */
  async enter(script: string, expected = 0): Promise<string> {
    const { code, stdout } = await this.#workspace.shell(script);
    assert.equal(code, expected, `${script}: ${stdout}`);
    return stdout;
  }

  async #enter({ script, line, prints }: Extract<Step, { kind: 'command' }>, path: string): Promise<string> {
    const { code, stdout } = await this.#workspace.shell(script);
    const place = `${path}:${line}: ${script.trim()}`;
    assert.equal(code, 0, `${place}: exit ${code}: ${stdout}`);
    if (prints !== undefined) assert.match(stdout, patternOf(prints), `${place}: prints ${stdout}`);
    return stdout;
  }

  close(): Promise<void> {
    return this.#workspace.close();
  }
}
