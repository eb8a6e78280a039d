import type { DescMessage, DescMethodServerStreaming, DescMethodUnary, DescService } from '@bufbuild/protobuf';
import { MethodOptions_IdempotencyLevel } from '@bufbuild/protobuf/wkt';
import type { ServiceImpl } from '@connectrpc/connect';
import { createServiceImplSpec, type MethodImplSpec } from '@connectrpc/connect';
import {
  createMethodSerializationLookup,
  createMethodUrl,
  type MethodSerializationLookup,
  type UniversalHandlerOptions,
} from '@connectrpc/connect/protocol';

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
      formats: createMethodSerializationLookup(desc, undefined, jsonOptions, limits),
      safe: desc.idempotency === MethodOptions_IdempotencyLevel.NO_SIDE_EFFECTS,
      jsonOptions,
    };
  });
}
