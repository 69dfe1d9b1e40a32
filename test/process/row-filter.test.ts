import fc from 'fast-check';
import { expect, test } from 'vitest';
import { RowFilter } from '../../src/engine/postgres/row-filter.ts';

function message(type: string, body: string): Buffer {
  const bytes = Buffer.from(body);
  const head = Buffer.alloc(5);
  head.write(type, 'latin1');
  head.writeInt32BE(4 + bytes.length, 1);
  return Buffer.concat([head, bytes]);
}

test('rows are dropped, and everything else is forwarded, wherever the chunks are cut', () => {
  const messages = fc.array(fc.tuple(fc.constantFrom('T', 'D', 'D', 'D', 'C', 'N'), fc.string({ maxLength: 12 })));
  const cuts = fc.array(fc.nat(30));
  fc.assert(
    fc.property(messages, cuts, fc.boolean(), (answer, lengths, isDropping) => {
      const wire = Buffer.concat(answer.map(([type, body]) => message(type, body)));
      const kept = answer.filter(([type]) => type !== 'D' || !isDropping).map(([type, body]) => message(type, body));
      const forwarded: Buffer[] = [];
      const filter = new RowFilter(
        () => isDropping,
        (bytes) => void forwarded.push(Buffer.from(bytes)),
      );
      let at = 0;
      for (const length of [...lengths, wire.length]) {
        const chunk = wire.subarray(at, at + length);
        at += chunk.length;
        filter.push(chunk);
      }
      expect(Buffer.concat(forwarded)).toEqual(Buffer.concat(kept));
    }),
  );
});

test('whose rows they are is asked when the answers before them have been forwarded', () => {
  let answered = 0;
  const forwarded: Buffer[] = [];
  const filter = new RowFilter(
    () => answered === 1,
    (bytes) => {
      forwarded.push(Buffer.from(bytes));
      answered += bytes.includes(message('Z', 'I')) ? 1 : 0;
    },
  );
  const [row, end] = [message('D', 'row'), message('Z', 'I')];
  filter.push(Buffer.concat([row, end, row, row, end, row, end]));
  expect(Buffer.concat(forwarded)).toEqual(Buffer.concat([row, end, end, row, end]));
});
