import { engineContract } from './contract.ts';
import { MemoryDatabase, MemoryEngine } from './memory.ts';

engineContract(
  'memory',
  {
    extension: 'sql',
    insert: (tag) => `INSERT INTO effects VALUES ('<${tag}>')`,
    refused: 'SELECT FAIL',
    endless: 'SELECT HANG',
  },
  async () => {
    const store = new MemoryDatabase();
    return {
      database: 'postgres',
      open: () => new MemoryEngine('postgres', store),
      snapshot: async () => JSON.stringify(store),
      count: async (tag) => store.effects.join('\n').split(`<${tag}>`).length - 1,
      end: async () => {},
    };
  },
);
