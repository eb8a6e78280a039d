import { timestampDate } from '@bufbuild/protobuf/wkt';
import type { FastifyRequest } from 'fastify';
import type { Model } from '../../gen/sluice/v1/model_service_pb.ts';

// https://platform.claude.com/docs/en/api/models-list: the same path as OpenAI's, so a header tells who asks.

/** Whether a request is one of Anthropic's SDKs, which all send their version. */
export function asksAnthropic(request: FastifyRequest): boolean {
  return request.headers['anthropic-version'] !== undefined;
}

/** All models in one page. */
export function anthropicList(models: readonly Model[]) {
  return {
    data: models.map(anthropicModel),
    has_more: false,
    first_id: models[0]?.id ?? null,
    last_id: models.at(-1)?.id ?? null,
  };
}

/** As Anthropic's API describes a model. What is not known of it is null. */
export function anthropicModel({ id, createTime }: Model) {
  return {
    type: 'model',
    id,
    display_name: id,
    created_at: createTime === undefined ? '1970-01-01T00:00:00Z' : timestampDate(createTime).toISOString(),
    capabilities: null,
    deprecated_at: null,
    lifecycle: 'active',
    line: null,
    max_input_tokens: null,
    max_tokens: null,
    retires_at: null,
  };
}
