import type { Budgets } from '../../src/config.ts';
import type { Identity } from '../../src/engine/engine.ts';

export const budgets: Budgets = {
  waitTimeout: 10_000,
  lockTimeout: 30_000,
  statementTimeout: 0,
  ddlLockTimeout: 1_000,
  ddlLockRetryFor: 10_000,
  shutdownGrace: 5_000,
};

export const identity: Identity = { host: 'contract', pid: process.pid, toolVersion: 'test', runId: 'contract' };
