import { createHash, createHmac, pbkdf2 } from 'node:crypto';
import { promisify } from 'node:util';

export { randomBytes } from 'node:crypto';

// What pg takes from its own lib/crypto/utils.js for authentication; the build puts this in its place. That one is made of
// Web Crypto, which Node has to load first: 8 ms of each start. A test holds that both compute the same.

export async function md5(text: string | Buffer): Promise<string> {
  return createHash('md5').update(text).digest('hex');
}

export async function postgresMd5PasswordHash(user: string, password: string, salt: Buffer): Promise<string> {
  return `md5${await md5(Buffer.concat([Buffer.from(await md5(password + user)), salt]))}`;
}

export async function sha256(data: Buffer): Promise<Buffer> {
  return hashByName('sha256', data);
}

export async function hashByName(name: string, data: Buffer): Promise<Buffer> {
  return createHash(name).update(data).digest();
}

export async function hmacSha256(key: Buffer, text: string): Promise<Buffer> {
  return createHmac('sha256', key).update(text, 'utf8').digest();
}

/** In a thread of its own: a server may ask for many iterations, and Neo4j is spoken to meanwhile. */
export function deriveKey(password: string, salt: Buffer, iterations: number): Promise<Buffer> {
  return promisify(pbkdf2)(password, salt, iterations, 32, 'sha256');
}
