import type { Reporter, SerializedError, TestModule, TestRunEndReason } from 'vitest/node';

/**
 * Ends a run with one plain line, `N passed, N failed[, N skipped]`. What failed outside of a test, a file
 * that does not load, a hook, an unhandled rejection, counts as a failure too: the line never looks better than the run was.
 */
export default class CountsReporter implements Reporter {
  onTestRunEnd(modules: readonly TestModule[], unhandled: readonly SerializedError[], reason: TestRunEndReason): void {
    const count = { passed: 0, failed: unhandled.length, skipped: 0, pending: 0 };
    for (const module of modules) {
      for (const test of module.children.allTests()) count[test.result().state] += 1;
      const outside = [...module.children.allSuites()].flatMap((suite) => suite.errors());
      count.failed += module.errors().length + outside.length;
    }
    // What is pending never ended: the run was stopped.
    let failed = count.failed + count.pending;
    // It was over before the first test: no servers, for example.
    if (failed === 0 && reason !== 'passed') failed = 1;
    const skipped = count.skipped > 0 ? `, ${count.skipped} skipped` : '';
    process.stdout.write(`\n${count.passed} passed, ${failed} failed${skipped}\n`);
  }
}
