import { expect, onTestFinished, test } from 'vitest';
import { readBodies, readCatalog, readGraph } from './catalog.ts';
import { emptyDatabase, emptyGraph } from './database.ts';
import { apply, applyFoundation, POSTGRES, rollBack, rollBackFoundation } from './shipped.ts';

async function openEmpty() {
  const db = await emptyDatabase();
  onTestFinished(() => db.drop());
  return db;
}

test('all rollbacks, newest first, leave the database as it was', async () => {
  const db = await openEmpty();
  const before = await readCatalog(db);
  await apply(db, POSTGRES);
  expect(await readCatalog(db)).not.toEqual(before);
  for (const migration of POSTGRES.toReversed()) await rollBack(db, migration);
  expect(await readCatalog(db)).toEqual(before);
});

test.each(POSTGRES.map((migration, at) => ({ name: migration.name, at })))(
  'the rollback of $name undoes it alone, and it can be applied again',
  async ({ at }) => {
    const migration = POSTGRES[at];
    if (migration === undefined) throw new Error(`no migration ${at}`);
    const db = await openEmpty();
    const state = async () => ({ ...(await readCatalog(db)), ...(await readBodies(db)) });

    await apply(db, POSTGRES.slice(0, at));
    const before = await state();
    await apply(db, [migration]);
    const after = await state();
    expect(after).not.toEqual(before);
    await rollBack(db, migration);
    expect(await state()).toEqual(before);
    await apply(db, [migration]);
    expect(await state()).toEqual(after);
  },
);

test('rolling back 002 and 003 keeps the jobs', async () => {
  const db = await openEmpty();
  await apply(db, POSTGRES.slice(0, 3));
  await db.query(`INSERT INTO processing_jobs (job_id, task_type, priority, status, payload, progress)
    VALUES ('1', 'single_document', 'high', 'processing', '{}', 40)`);
  for (const migration of POSTGRES.slice(1, 3).toReversed()) await rollBack(db, migration);
  expect((await db.query('SELECT job_id, progress FROM processing_jobs')).rows).toEqual([
    { job_id: '1', progress: 40 },
  ]);
});

test('the rollback of 006 leaves the graph as it was', async () => {
  const driver = await emptyGraph();
  onTestFinished(() => driver.close());
  await driver.executeQuery("CREATE (:PER {name: 'Ani'})");
  await applyFoundation(driver);
  expect(await readGraph(driver)).not.toEqual({});
  await rollBackFoundation(driver);
  expect(await readGraph(driver)).toEqual({});
  expect((await driver.executeQuery('MATCH (n:PER) RETURN n.name AS name')).records.map((r) => r.get('name'))).toEqual([
    'Ani',
  ]);
});
