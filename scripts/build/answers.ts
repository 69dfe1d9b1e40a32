import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { type AddressInfo, createServer } from 'node:net';

/** What a server says, an answer for each of the questions below; bytes in base64. */
export interface Answers {
  readonly postgres: readonly string[];
  readonly neo4j: readonly string[];
}

/**
 * What a client says in a run that finds nothing to do, by bytes that stand in nothing before them: StartupMessage and Query;
 * Bolt's handshake, LOGON (behind HELLO), PULL (behind RUN).
 */
export const QUESTIONS = {
  postgres: [Buffer.from('user'), Buffer.from('SELECT')],
  neo4j: [Buffer.from([0x60, 0x60, 0xb0, 0x17]), Buffer.from([0xb1, 0x6a]), Buffer.from([0xb1, 0x3f])],
};

/** Where they are kept; `npm run answers` writes them. */
export const ANSWERS = new URL('answers.json', import.meta.url);

export async function readAnswers(): Promise<Answers> {
  return JSON.parse(await readFile(ANSWERS, 'utf8')) as Answers;
}

/** Listens on loopback, and gives each answer when its question has been heard. */
export async function answering(
  questions: readonly Buffer[],
  answers: readonly string[],
): Promise<{ readonly port: number; close(): void }> {
  const server = createServer((socket) => {
    const left = questions.map((question, index) => [question, answers[index] ?? ''] as const);
    let heard = Buffer.alloc(0);
    socket.on('data', (data) => {
      heard = Buffer.concat([heard, data]);
      while (left[0] !== undefined && heard.includes(left[0][0])) {
        socket.write(Buffer.from(left[0][1], 'base64'));
        left.shift();
      }
    });
    // The program leaves without waiting for anybody.
    socket.on('error', () => {});
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return { port: (server.address() as AddressInfo).port, close: () => void server.close() };
}
