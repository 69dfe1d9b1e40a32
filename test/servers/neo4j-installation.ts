import { mkdir, readdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { cached } from './cache.ts';
import { CommandMissing, run } from './command.ts';
import { withProgress } from './progress.ts';

/** 5.26 is the long-term version and what 5-community means; 2026.08 wants a newer Java. */
export type Neo4jVersion = '5.26.30' | '2026.08.1';

export interface Neo4jInstallation {
  readonly java: string;
  readonly classPath: string;
  readonly mainClass: string;
}

const oldestJava = { '5.26.30': 17, '2026.08.1': 21 };

/** Community Edition from Maven Central: two artifacts, and what they depend on. */
export async function neo4jInstallation(version: Neo4jVersion): Promise<Neo4jInstallation> {
  const java = await findJava(oldestJava[version]);
  const jars = await cached(`neo4j-community-${version}`, (directory) =>
    withProgress(`Downloading Neo4j ${version} (123 MB)`, async () => {
      const work = join(directory, 'work');
      await mkdir(work);
      await writeFile(join(work, 'pom.xml'), pom(version));
      const goal = ['dependency:copy-dependencies', '-DincludeScope=runtime', `-DoutputDirectory=${directory}`];
      // Not in ~/.m2: nobody else needs these, and this way one cache holds all that is downloaded.
      const repository = `-Dmaven.repo.local=${join(work, 'repository')}`;
      await run('mvn', ['--batch-mode', '--quiet', '-Dstyle.color=never', repository, ...goal], {
        cwd: work,
        env: { ...process.env, JAVA_HOME: java.home },
        timeout: 900_000,
      }).catch((cause: unknown) => {
        if (!(cause instanceof CommandMissing)) throw cause;
        throw new Error('Maven is not installed (Debian: apt install maven)', { cause });
      });
      await rm(work, { recursive: true });
    }),
  );
  const main = version.startsWith('5.') ? 'CommunityEntryPoint' : 'Neo4jCommunity';
  return { java: join(java.home, 'bin', 'java'), classPath: join(jars, '*'), mainClass: `org.neo4j.server.${main}` };
}

function pom(version: Neo4jVersion): string {
  const dependency = (group: string, artifact: string) =>
    `<dependency><groupId>${group}</groupId><artifactId>${artifact}</artifactId><version>${version}</version></dependency>`;
  return `<project xmlns="http://maven.apache.org/POM/4.0.0">
  <modelVersion>4.0.0</modelVersion>
  <groupId>localrag-migrate</groupId><artifactId>neo4j-for-tests</artifactId><version>1</version>
  <dependencies>${dependency('org.neo4j', 'neo4j')}${dependency('org.neo4j.app', 'neo4j-server')}</dependencies>
</project>
`;
}

/** The oldest Java that will do: each Neo4j is tested by its makers with the Javas of its time. */
async function findJava(oldest: number): Promise<{ home: string; version: number }> {
  const beside = await readdir('/usr/lib/jvm').catch(() => []);
  const candidates = [
    ...(process.env.JAVA_HOME ? [join(process.env.JAVA_HOME, 'bin', 'java')] : []),
    'java',
    ...beside.map((name) => join('/usr/lib/jvm', name, 'bin', 'java')),
  ];
  const found = await Promise.all(candidates.map((java) => describeJava(java).catch(() => undefined)));
  const [best] = found
    .filter((java) => java !== undefined && java.version >= oldest)
    .sort((a, b) => (a?.version ?? 0) - (b?.version ?? 0));
  if (best !== undefined) return best;
  throw new Error(`Java ${oldest} or newer is not installed (Debian: apt install openjdk-${oldest}-jre-headless)`);
}

async function describeJava(java: string): Promise<{ home: string; version: number }> {
  const properties = await run('sh', ['-c', 'exec "$0" -XshowSettings:properties -version 2>&1', java]);
  const home = /java\.home = (.+)/.exec(properties)?.[1]?.trim();
  const version = Number(/java\.specification\.version = (\d+)/.exec(properties)?.[1]);
  if (home === undefined || Number.isNaN(version)) throw new Error(`${java} tells no version`);
  return { home, version };
}
