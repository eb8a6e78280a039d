import { type ReasonName, SluiceError } from '../../errors/sluice-error.ts';
import { bytesOf, FAULTY_END, type HeaderList, type Step } from '../step.ts';
import { type Fault, parameter, type Scene } from './fault.ts';

const REASON_OF_STATUS: Readonly<Record<number, readonly [reason: ReasonName, code: string]>> = {
  401: ['UNAUTHENTICATED', 'invalid_api_key'],
  403: ['PERMISSION_DENIED', 'permission_denied'],
  404: ['MODEL_NOT_FOUND', 'model_not_found'],
  413: ['REQUEST_TOO_LARGE', 'request_too_large'],
  429: ['UPSTREAM_RATE_LIMITED', 'rate_limit_exceeded'],
  503: ['UPSTREAM_OVERLOADED', 'overloaded'],
  529: ['UPSTREAM_OVERLOADED', 'overloaded'],
};

const ADDRESS_OF_CLOUD_METADATA = 'http://169.254.169.254/latest/meta-data/';

/** Answers that stand in the place of the model's. No model runs for them, so they cost nothing. */
export const INSTEAD: readonly Fault[] = [
  {
    replaces: true,
    name: 'status',
    description: 'An error answer with this status, in the format of the API.',
    parameters: [
      parameter('code', '500', 'The HTTP status, 400 to 599.'),
      parameter('error', '', "The provider's own code in the body, as in context_length_exceeded."),
      parameter('retry-after', '', 'Retry-After in seconds.'),
      parameter('retry-after-date', '', 'Retry-After as the date in so many seconds.'),
      parameter('retry-after-ms', '', 'retry-after-ms in milliseconds.'),
    ],
    changeSteps: (_, scene) => errorAnswer(scene),
  },
  {
    replaces: true,
    name: 'redirect',
    description: 'A redirect, to an internal address unless told otherwise.',
    parameters: [
      parameter('status', '302', 'The HTTP status, 300 to 399.'),
      parameter('to', ADDRESS_OF_CLOUD_METADATA, 'The value of Location.'),
    ],
    changeSteps: (_, scene) => answer(statusWithin(scene, 'status', [300, 399]), [['location', scene.word('to')]], ''),
  },
  {
    replaces: true,
    name: 'html',
    description: 'A page of HTML, as proxies and captive portals send it.',
    parameters: [parameter('status', '200', 'The HTTP status, 200 to 599.')],
    changeSteps: (_, scene) =>
      answer(statusWithin(scene, 'status', [200, 599]), [['content-type', 'text/html; charset=utf-8']], HTML),
  },
  {
    replaces: true,
    name: 'plain-text',
    description: 'An error in plain text.',
    parameters: [parameter('status', '200', 'The HTTP status, 200 to 599.')],
    changeSteps: (_, scene) =>
      answer(statusWithin(scene, 'status', [200, 599]), [['content-type', 'text/plain']], 'upstream connect error'),
  },
  {
    replaces: true,
    name: 'error-body',
    description: 'An error in the format of the API, with status 200.',
    parameters: [],
    changeSteps: (_, scene) => answer(200, [JSON_TYPE], scene.encodeError(simulated('INTERNAL', 'error body'))),
  },
  {
    replaces: true,
    name: 'empty-body',
    description: 'Status 200 and nothing else.',
    parameters: [],
    changeSteps: (_, scene) => answer(200, [scene.stream ? ['content-type', 'text/event-stream'] : JSON_TYPE], ''),
  },
  {
    replaces: true,
    name: 'no-answer',
    description: 'Takes the request and never sends a byte.',
    parameters: [],
    changeSteps: () => [{ kind: 'silence' }],
  },
  {
    replaces: true,
    name: 'hang-up',
    description: 'Closes the connection before any byte.',
    parameters: [parameter('how', 'fin', '"fin" or "reset".')],
    changeSteps: (_, scene) => [{ kind: scene.word('how') === 'reset' ? 'reset' : 'hang-up' }],
  },
];

const JSON_TYPE = ['content-type', 'application/json'] as const;
const HTML = '<!DOCTYPE html><html><head><title>502</title></head><body><h1>Bad gateway</h1></body></html>\n';

/** An error of the simulated provider's. */
export function simulated(reason: ReasonName, fault: string, restCode?: string): SluiceError {
  return new SluiceError(reason, `Simulated fault: ${fault}.`, restCode === undefined ? {} : { restCode });
}

function errorAnswer(scene: Scene): readonly Step[] {
  const status = statusWithin(scene, 'code', [400, 599]);
  const [reason, code] =
    REASON_OF_STATUS[status] ?? (status < 500 ? ['INVALID_REQUEST', 'invalid_value'] : ['INTERNAL', 'server_error']);
  const error = simulated(reason as ReasonName, `status ${status}`, scene.word('error') || code);
  return answer(status, [JSON_TYPE, ...retryHeaders(scene)], scene.encodeError(error));
}

/** Retry-After of RFC 9110 10.2.3; retry-after-ms as OpenAI's clients read it. */
function retryHeaders(scene: Scene): HeaderList {
  const headers: [string, string][] = [];
  if (scene.word('retry-after') !== '') headers.push(['retry-after', scene.word('retry-after')]);
  if (scene.word('retry-after-date') !== '') {
    const date = new Date(scene.nowMs + scene.number('retry-after-date') * 1000);
    headers.push(['retry-after', date.toUTCString()]);
  }
  if (scene.word('retry-after-ms') !== '') headers.push(['retry-after-ms', scene.word('retry-after-ms')]);
  return headers;
}

function answer(status: number, headers: HeaderList, text: string): readonly Step[] {
  const length = String(Buffer.byteLength(text, 'utf8'));
  return [{ kind: 'head', status, headers: [...headers, ['content-length', length]] }, bytesOf(text), FAULTY_END];
}

function statusWithin(scene: Scene, name: string, [low, high]: readonly [number, number]): number {
  const status = scene.number(name);
  if (Number.isInteger(status) && status >= low && status <= high) return status;
  throw new SluiceError('INVALID_REQUEST', `The fault's ${name} must be a status from ${low} to ${high}.`);
}
