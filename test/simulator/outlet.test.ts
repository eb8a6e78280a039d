import { EventEmitter } from 'node:events';
import type { ServerResponse } from 'node:http';
import { expect, test } from 'vitest';
import { Outlet } from '../../server/simulator/outlet.ts';
import { createFakeClock } from '../support/fake-clock.ts';

test('a write that fails says that the client has gone, before the connection closes', async () => {
  const response = Object.assign(new EventEmitter(), {
    write(_: Uint8Array, done: (error: Error) => void) {
      done(new Error('reset'));
      return false;
    },
  });
  const outlet = new Outlet(response as unknown as ServerResponse, {
    clock: createFakeClock(),
    countPaused: () => {},
  });
  await outlet.write(Buffer.from('a'));
  expect(outlet.gone).toBe(true);
});
