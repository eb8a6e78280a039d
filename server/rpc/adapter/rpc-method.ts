import type {
  DescMessage,
  DescMethod,
  DescMethodServerStreaming,
  DescMethodUnary,
  DescService,
} from '@bufbuild/protobuf';
import { MethodOptions_IdempotencyLevel } from '@bufbuild/protobuf/wkt';
import type { ServiceImpl } from '@connectrpc/connect';
import { Code, ConnectError, createServiceImplSpec, type MethodImplSpec } from '@connectrpc/connect';
import {
  createMethodSerializationLookup,
  createMethodUrl,
  type MethodSerializationLookup,
  type UniversalHandlerOptions,
} from '@connectrpc/connect/protocol';
import { holdsMoreThan } from '../element-count.ts';

export type FormatOptions = Pick<UniversalHandlerOptions, 'jsonOptions'>;

/** A service with what answers its calls. */
export interface Registration {
  readonly service: DescService;
  readonly implementation: Partial<ServiceImpl<DescService>>;
  readonly options: Partial<FormatOptions>;
}

export interface MessageLimits {
  /** The largest message that is read, decompressed; larger ones are RESOURCE_EXHAUSTED. */
  readonly readMaxBytes: number;
  readonly writeMaxBytes: number;
  /** The most fields and list elements of a binary message, all levels together; with more it is RESOURCE_EXHAUSTED. */
  readonly readMaxElements: number;
}

/** A method that takes one message. */
export interface RpcMethod {
  /** As in "/sluice.v1.ChatService/Chat". */
  readonly path: string;
  readonly desc: DescMethodUnary | DescMethodServerStreaming;
  readonly spec: Extract<MethodImplSpec, { kind: 'unary' | 'server_streaming' }>;
  readonly formats: MethodSerializationLookup<DescMessage, DescMessage>;
  /** Whether it may be called with GET. */
  readonly safe: boolean;
  readonly jsonOptions: FormatOptions['jsonOptions'];
}

type Formats = RpcMethod['formats'];

/** The formats, where binary requests are looked over before they are decoded. */
function withElementLimit({ input }: DescMethod, formats: Formats, { readMaxElements }: MessageLimits): Formats {
  const binary = formats.getI(true);
  const guarded: typeof binary = {
    serialize: binary.serialize,
    parse(bytes) {
      if (!holdsMoreThan(readMaxElements, input, bytes)) return binary.parse(bytes);
      throw new ConnectError(
        `the message has more than ${readMaxElements} fields and elements`,
        Code.ResourceExhausted,
      );
    },
  };
  return {
    getO: (useBinary) => formats.getO(useBinary),
    getI: (useBinary) => (useBinary ? guarded : formats.getI(false)),
  };
}

/** The methods of a service that take one message. Client and bidirectional streams are not among them. */
export function rpcMethods({ service, implementation, options }: Registration, limits: MessageLimits): RpcMethod[] {
  const { jsonOptions } = options;
  return Object.values(createServiceImplSpec(service, implementation).methods).flatMap((spec) => {
    if (spec.kind !== 'unary' && spec.kind !== 'server_streaming') return [];
    const desc = spec.method;
    return {
      path: createMethodUrl('/', desc),
      desc,
      spec,
      formats: withElementLimit(desc, createMethodSerializationLookup(desc, undefined, jsonOptions, limits), limits),
      safe: desc.idempotency === MethodOptions_IdempotencyLevel.NO_SIDE_EFFECTS,
      jsonOptions,
    };
  });
}
