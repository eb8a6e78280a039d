import { EventEmitter } from 'node:events';
import type http from 'node:http';
import { describe, expect, it } from 'vitest';
import { createBodyBudget } from '../../server/listener/body-budget.ts';

function ask(budget: ReturnType<typeof createBodyBudget>, headers: Record<string, string>, method = 'POST') {
  const response = Object.assign(new EventEmitter(), { statusCode: 200, setHeader() {}, end() {} });
  const refused = budget(
    { headers, method } as unknown as http.IncomingMessage,
    response as unknown as http.ServerResponse,
  );
  return { refused, response };
}

describe('the budget of bodies', () => {
  it('refuses with 503 what does not fit, and takes it once another has been answered', () => {
    const budget = createBodyBudget(1000);
    const first = ask(budget, { 'content-length': '800' });
    const second = ask(budget, { 'content-length': '300' });
    expect([first.refused, second.refused, second.response.statusCode]).toEqual([false, true, 503]);
    first.response.emit('close');
    expect(ask(budget, { 'content-length': '300' }).refused).toBe(false);
  });

  it('counts bodies that do not state their length', () => {
    const budget = createBodyBudget(300 * 1024);
    expect(ask(budget, {}).refused).toBe(false);
    expect(ask(budget, {}).refused).toBe(true);
  });

  it('lets requests without a body through, and one large body alone', () => {
    const budget = createBodyBudget(10);
    expect(ask(budget, { 'content-length': '1000' }).refused).toBe(false);
    expect(ask(budget, {}, 'GET').refused).toBe(false);
  });
});
