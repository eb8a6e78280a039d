import { Code, type ServiceImpl } from '@connectrpc/connect';
import type { ServerReflection, ServerReflectionRequest } from '../../gen/grpc/reflection/v1/reflection_pb.ts';
import type {
  ServerReflection as ServerReflectionAlpha,
  ServerReflectionRequest as ServerReflectionRequestAlpha,
} from '../../gen/grpc/reflection/v1alpha/reflection_pb.ts';
import type { DescriptorIndex } from './descriptor-index.ts';

/**
 * gRPC's reflection: https://github.com/grpc/grpc/blob/master/doc/server-reflection.md
 * No key is asked for: the contract is published with the source and says nothing about a server's configuration, and
 * tools ask for it before their users think of a key.
 */
export function reflectionService(index: DescriptorIndex): ServiceImpl<typeof ServerReflection> {
  return {
    async *serverReflectionInfo(requests) {
      for await (const request of requests) {
        yield { validHost: request.host, originalRequest: request, messageResponse: answer(index, request) };
      }
    },
  };
}

/** The same under its old name, which many tools still try first or alone. */
export function reflectionServiceAlpha(index: DescriptorIndex): ServiceImpl<typeof ServerReflectionAlpha> {
  return {
    async *serverReflectionInfo(requests) {
      for await (const request of requests) {
        yield { validHost: request.host, originalRequest: request, messageResponse: answer(index, request) };
      }
    },
  };
}

/** Both versions have the same questions and answers. What there is not is an answer too: the stream goes on. */
function answer(index: DescriptorIndex, request: ServerReflectionRequest | ServerReflectionRequestAlpha) {
  const question = request.messageRequest;
  switch (question.case) {
    case 'fileByFilename':
      return file(index.fileByName(question.value), question.value);
    case 'fileContainingSymbol':
      return file(index.fileBySymbol(question.value), question.value);
    case 'fileContainingExtension': {
      const { containingType, extensionNumber } = question.value;
      return file(index.fileByExtension(containingType, extensionNumber), `${containingType} ${extensionNumber}`);
    }
    case 'allExtensionNumbersOfType': {
      const numbers = index.extensionNumbers(question.value);
      if (numbers === undefined) return failure(Code.NotFound, `not found: ${question.value}`);
      const value = { baseTypeName: question.value, extensionNumber: [...numbers] };
      return { case: 'allExtensionNumbersResponse' as const, value };
    }
    case 'listServices': {
      const service = index.services.map((name) => ({ name }));
      return { case: 'listServicesResponse' as const, value: { service } };
    }
    default:
      return failure(Code.InvalidArgument, 'unknown question');
  }
}

function file(found: readonly Uint8Array[] | undefined, asked: string) {
  if (found === undefined) return failure(Code.NotFound, `not found: ${asked}`);
  return { case: 'fileDescriptorResponse' as const, value: { fileDescriptorProto: [...found] } };
}

function failure(errorCode: Code, errorMessage: string) {
  return { case: 'errorResponse' as const, value: { errorCode, errorMessage } };
}
