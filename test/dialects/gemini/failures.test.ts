import { describe, expect, it } from 'vitest';
import { provider } from './drive.ts';

describe('failures', () => {
  const failure = (status: number, error: object | string, headers = {}) => {
    const text = typeof error === 'string' ? error : JSON.stringify({ error });
    return provider.decodeError({ status, headers, text, receivedAtMs: 0 });
  };
  const info = (reason: string) => [{ '@type': 'type.googleapis.com/google.rpc.ErrorInfo', reason }];
  const quota = (quotaId: string) => [
    { '@type': 'type.googleapis.com/google.rpc.QuotaFailure', violations: [{ quotaId }] },
  ];

  it.each([
    [
      400,
      {
        message: 'API key not valid. Please pass a valid API key.',
        status: 'INVALID_ARGUMENT',
        details: info('API_KEY_INVALID'),
      },
      'CREDENTIAL_REJECTED',
    ],
    [400, { message: 'API key expired. Please renew the API key.', status: 'INVALID_ARGUMENT' }, 'CREDENTIAL_REJECTED'],
    [
      400,
      { message: 'User location is not supported for the API use.', status: 'FAILED_PRECONDITION' },
      'CREDENTIAL_REJECTED',
    ],
    [
      400,
      {
        message: 'The input token count (1200000) exceeds the maximum number of tokens allowed (1048576).',
        status: 'INVALID_ARGUMENT',
      },
      'CONTEXT_LENGTH_EXCEEDED',
    ],
    [400, { message: 'Invalid value at contents[0]', status: 'INVALID_ARGUMENT' }, 'INVALID_REQUEST'],
    [403, { message: 'Permission denied', status: 'PERMISSION_DENIED' }, 'CREDENTIAL_REJECTED'],
    [
      404,
      {
        message: 'models/x is not found for API version v1beta, or is not supported for generateContent.',
        status: 'NOT_FOUND',
      },
      'MODEL_NOT_FOUND',
    ],
    [
      429,
      { message: 'Quota', status: 'RESOURCE_EXHAUSTED', details: quota('GenerateRequestsPerMinutePerProject') },
      'RATE_LIMITED',
    ],
    [
      429,
      {
        message: 'Quota',
        status: 'RESOURCE_EXHAUSTED',
        details: quota('GenerateRequestsPerDayPerProjectPerModel-FreeTier'),
      },
      'CREDENTIAL_REJECTED',
    ],
    [500, { message: 'An internal error has occurred.', status: 'INTERNAL' }, 'SERVER_ERROR'],
    [503, { message: 'The model is overloaded. Please try again later.', status: 'UNAVAILABLE' }, 'OVERLOADED'],
    [504, { message: 'The request timed out.', status: 'DEADLINE_EXCEEDED' }, 'TIMEOUT'],
    [502, '<html>Bad gateway</html>', 'SERVER_ERROR'],
  ])('%i %j is %s', (status, error, expected) => {
    expect(failure(status, error).failure).toBe(expected);
  });

  it('come in an array too', () => {
    const text = JSON.stringify([{ error: { code: 503, message: 'Busy', status: 'UNAVAILABLE' } }]);
    expect(failure(503, text)).toMatchObject({
      failure: 'OVERLOADED',
      providerMessage: 'Busy',
      providerCode: 'UNAVAILABLE',
    });
  });

  it('wait as the header says, before the body', () => {
    const details = [{ '@type': 'type.googleapis.com/google.rpc.RetryInfo', retryDelay: '34.074824224s' }];
    const error = { message: 'Quota', status: 'RESOURCE_EXHAUSTED', details };
    expect(failure(429, error).retryAfterMs).toBe(34_075);
    expect(failure(429, error, { 'retry-after': '2' }).retryAfterMs).toBe(2000);
  });

  it('name the field that is wrong', () => {
    const details = [
      { '@type': 'type.googleapis.com/google.rpc.BadRequest', fieldViolations: [{ field: 'contents[0]' }] },
    ];
    expect(failure(400, { message: 'Bad', status: 'INVALID_ARGUMENT', details }).param).toBe('contents[0]');
  });
});
