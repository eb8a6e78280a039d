import type { ProviderPreset } from './preset.ts';

type Row = Pick<ProviderPreset, 'name' | 'displayName' | 'baseUrl' | 'docs'>;

/** A server of the operator's own: no key unless one is configured, private addresses allowed. */
const local = (row: Row): ProviderPreset => ({
  envVars: [],
  authScheme: 'bearer',
  dialect: 'openai-chat',
  embeddingDialect: 'openai-embeddings',
  allowPrivateAddress: true,
  quirks: {},
  models: [],
  ...row,
});

/** Model servers at the port that each listens on by default. They are used only where a configuration names them. */
export const LOCAL_PRESETS: readonly ProviderPreset[] = [
  local({
    name: 'vllm',
    displayName: 'vLLM',
    baseUrl: 'http://127.0.0.1:8000/v1',
    docs: 'https://docs.vllm.ai/en/latest/serving/openai_compatible_server.html',
  }),
  local({
    name: 'sglang',
    displayName: 'SGLang',
    baseUrl: 'http://127.0.0.1:30000/v1',
    docs: 'https://docs.sglang.ai/basic_usage/openai_api_completions.html',
  }),
  local({
    name: 'ollama',
    displayName: 'Ollama',
    baseUrl: 'http://127.0.0.1:11434/v1',
    docs: 'https://docs.ollama.com/api/openai-compatibility',
  }),
  local({
    name: 'lmstudio',
    displayName: 'LM Studio',
    baseUrl: 'http://127.0.0.1:1234/v1',
    docs: 'https://lmstudio.ai/docs/developer/openai-compat',
  }),
  local({
    name: 'llamacpp',
    displayName: 'llama.cpp server',
    baseUrl: 'http://127.0.0.1:8080/v1',
    docs: 'https://github.com/ggml-org/llama.cpp/blob/master/tools/server/README.md',
  }),
];
