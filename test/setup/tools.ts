import type { Found } from './found.ts';

// What test/run.ts found, for the tests: describe.skipIf(python.path === undefined), or
// test('…', ({ skip }) => { if (python.path === undefined) skip(python.missing); … }) to print the reason.

/** A Python with the packages of test/python/requirements.txt. */
export const python = foundBefore('PYTHON');

export const grpcurl = foundBefore('GRPCURL');

/** A browser. */
export const chromium = foundBefore('CHROMIUM');

function foundBefore(name: string): Found {
  const path = process.env[`SLUICE_TEST_${name}`];
  if (path !== undefined) return { path };
  return { missing: process.env[`SLUICE_TEST_${name}_MISSING`] ?? 'nobody looked for it; run: npm test' };
}
