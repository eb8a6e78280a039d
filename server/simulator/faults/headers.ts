import { type Fault, parameter } from './fault.ts';
import { mapHead, withoutHeader } from './steps.ts';

/** Right bodies under wrong headers. */
export const HEADERS: readonly Fault[] = [
  {
    name: 'content-type',
    description: 'The right body under a wrong content-type.',
    parameters: [parameter('value', 'text/plain', 'The content-type; "none" for none.')],
    changeSteps: (steps, scene) =>
      mapHead(steps, (head) => {
        const bare = withoutHeader(head, 'content-type');
        const value = scene.word('value');
        return value === 'none' ? bare : { ...bare, headers: [...bare.headers, ['content-type', value]] };
      }),
  },
  {
    name: 'wrong-encoding',
    description: 'A content-encoding that the body does not have.',
    parameters: [parameter('value', 'gzip', 'The content-encoding.')],
    changeSteps: (steps, scene) =>
      mapHead(steps, (head) => ({ ...head, headers: [...head.headers, ['content-encoding', scene.word('value')]] })),
  },
  {
    name: 'duplicate-headers',
    description: 'content-type, x-request-id and retry-after come twice, with different values.',
    parameters: [],
    changeSteps: (steps) =>
      mapHead(steps, (head) => ({
        ...head,
        headers: [
          ...head.headers,
          ['content-type', 'text/html'],
          ['x-request-id', 'another'],
          ['retry-after', '1'],
          ['retry-after', '86400'],
        ],
      })),
  },
];
