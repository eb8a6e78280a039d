import type { ProviderPreset } from './preset.ts';

type Row = Pick<ProviderPreset, 'name' | 'displayName' | 'baseUrl' | 'envVars' | 'docs'> &
  Partial<Pick<ProviderPreset, 'authScheme' | 'dialect' | 'embeddingDialect' | 'quirks' | 'models'>>;

const hosted = (row: Row): ProviderPreset => ({
  authScheme: 'bearer',
  dialect: 'openai-chat',
  embeddingDialect: undefined,
  allowPrivateAddress: false,
  quirks: {},
  models: [],
  ...row,
});

/**
 * Providers on the public network. A quirk stands here only where the provider's documentation or its own error message
 * shows it; any other field goes through as the caller wrote it, and the provider's answer is then the truth. GitHub
 * Models, shut down on 30 July 2026, has no row.
 */
export const HOSTED_PRESETS: readonly ProviderPreset[] = [
  hosted({
    name: 'openai',
    displayName: 'OpenAI',
    baseUrl: 'https://api.openai.com/v1',
    envVars: ['OPENAI_API_KEY'],
    embeddingDialect: 'openai-embeddings',
    // "Expected a string with maximum length 40": ids of other providers' calls may be longer.
    quirks: { toolCallIds: 'at-most-40' },
    models: ['gpt-5.4', 'gpt-5-mini', 'gpt-5-nano', 'text-embedding-3-small', 'text-embedding-3-large'],
    docs: 'https://platform.openai.com/docs/api-reference',
  }),
  hosted({
    name: 'anthropic',
    displayName: 'Anthropic',
    baseUrl: 'https://api.anthropic.com/v1',
    envVars: ['ANTHROPIC_API_KEY'],
    authScheme: 'x-api-key',
    dialect: 'anthropic-messages',
    models: ['claude-opus-5', 'claude-sonnet-5', 'claude-opus-4-8', 'claude-sonnet-4-6', 'claude-haiku-4-5'],
    docs: 'https://platform.claude.com/docs/en/api/overview',
  }),
  hosted({
    name: 'gemini',
    displayName: 'Google Gemini',
    baseUrl: 'https://generativelanguage.googleapis.com/v1beta',
    envVars: ['GEMINI_API_KEY', 'GOOGLE_API_KEY'],
    authScheme: 'x-goog-api-key',
    dialect: 'gemini',
    embeddingDialect: 'gemini',
    models: ['gemini-3.8-flash', 'gemini-3.1-pro-preview', 'gemini-3.1-flash-lite', 'gemini-embedding-001'],
    docs: 'https://ai.google.dev/api',
  }),
  hosted({
    name: 'cohere',
    displayName: 'Cohere',
    baseUrl: 'https://api.cohere.com',
    envVars: ['COHERE_API_KEY', 'CO_API_KEY'],
    dialect: 'cohere',
    embeddingDialect: 'cohere',
    models: ['command-a-03-2025', 'command-a-reasoning-08-2025', 'command-r7b-12-2024', 'embed-v4.0'],
    docs: 'https://docs.cohere.com/reference/chat',
  }),
  hosted({
    name: 'mistral',
    displayName: 'Mistral',
    baseUrl: 'https://api.mistral.ai/v1',
    envVars: ['MISTRAL_API_KEY'],
    embeddingDialect: 'openai-embeddings',
    // The request schema is closed: any other member is answered with 422 extra_forbidden. Usage comes unasked. "Tool call
    // id must be a-z, A-Z, 0-9, with a length of 9"; "Unexpected role 'user' after role 'tool'".
    quirks: {
      renameFields: { seed: 'random_seed', max_completion_tokens: 'max_tokens' },
      dropFields: ['user', 'logit_bias', 'logprobs', 'top_logprobs', 'store', 'service_tier'],
      dropMessageFields: [
        'annotations',
        'audio',
        'extra_content',
        'function_call',
        'reasoning',
        'reasoning_content',
        'reasoning_details',
        'refusal',
      ],
      noStreamOptions: true,
      developerRole: 'system',
      toolCallIds: 'nine-alphanumerics',
      turns: 'assistant-after-tools',
    },
    models: ['mistral-large-latest', 'mistral-medium-latest', 'mistral-small-latest', 'mistral-embed'],
    docs: 'https://docs.mistral.ai/api/',
  }),
  hosted({
    name: 'xai',
    displayName: 'xAI',
    baseUrl: 'https://api.x.ai/v1',
    envVars: ['XAI_API_KEY'],
    // completion_tokens does not hold reasoning_tokens there, as its recorded answers show.
    quirks: { reasoningBesideOutput: true },
    docs: 'https://docs.x.ai/docs/api-reference',
  }),
  hosted({
    name: 'groq',
    displayName: 'Groq',
    baseUrl: 'https://api.groq.com/openai/v1',
    envVars: ['GROQ_API_KEY'],
    // "will result in a 400 error if they are supplied"; usage also stands in x_groq on the last chunk.
    // "property 'reasoning_content' is unsupported": thoughts come and go as reasoning.
    quirks: {
      dropFields: ['logit_bias', 'logprobs', 'top_logprobs'],
      dropMessageFields: ['reasoning_content', 'reasoning_details'],
      reasoningField: 'reasoning',
      usagePath: ['x_groq', 'usage'],
    },
    docs: 'https://console.groq.com/docs/openai',
  }),
  hosted({
    name: 'deepseek',
    displayName: 'DeepSeek',
    baseUrl: 'https://api.deepseek.com/v1',
    envVars: ['DEEPSEEK_API_KEY'],
    quirks: {
      renameFields: { max_completion_tokens: 'max_tokens' },
      developerRole: 'system',
      // Thinking models want their thoughts back with the calls of tools that came of them.
      reasoningField: 'reasoning_content',
    },
    models: ['deepseek-v4-pro', 'deepseek-v4-flash'],
    docs: 'https://api-docs.deepseek.com/',
  }),
  hosted({
    name: 'together',
    displayName: 'Together AI',
    baseUrl: 'https://api.together.xyz/v1',
    envVars: ['TOGETHER_API_KEY'],
    embeddingDialect: 'openai-embeddings',
    quirks: { renameFields: { max_completion_tokens: 'max_tokens' }, developerRole: 'system' },
    docs: 'https://docs.together.ai/docs/openai-api-compatibility',
  }),
  hosted({
    name: 'fireworks',
    displayName: 'Fireworks AI',
    baseUrl: 'https://api.fireworks.ai/inference/v1',
    envVars: ['FIREWORKS_API_KEY'],
    embeddingDialect: 'openai-embeddings',
    docs: 'https://docs.fireworks.ai/tools-sdks/openai-compatibility',
  }),
  hosted({
    name: 'openrouter',
    displayName: 'OpenRouter',
    baseUrl: 'https://openrouter.ai/api/v1',
    envVars: ['OPENROUTER_API_KEY'],
    embeddingDialect: 'openai-embeddings',
    // Roles go through to the model's own provider, and most of those know only system. Marks for prompt caching, top_k
    // and the proofs of all formats' thoughts are documented there.
    quirks: { developerRole: 'system', cacheControl: true, topK: true, reasoningDetails: true },
    models: ['openrouter/auto'],
    docs: 'https://openrouter.ai/docs/api-reference/overview',
  }),
  // Maintainers of other clients report that Sonar chat completions were to end on 27 September 2026, while Perplexity's
  // own pages still describe them; where they have ended, its answer says so.
  hosted({
    name: 'perplexity',
    displayName: 'Perplexity',
    baseUrl: 'https://api.perplexity.ai',
    envVars: ['PERPLEXITY_API_KEY', 'PPLX_API_KEY'],
    // "After the (optional) system message(s), user or tool message(s) should alternate with assistant message(s)."
    quirks: { turns: 'alternate' },
    models: ['sonar', 'sonar-pro', 'sonar-reasoning-pro'],
    docs: 'https://docs.perplexity.ai/api-reference/chat-completions-post',
  }),
  hosted({
    name: 'cerebras',
    displayName: 'Cerebras',
    baseUrl: 'https://api.cerebras.ai/v1',
    envVars: ['CEREBRAS_API_KEY'],
    // "Our implementation does not expose developer directly."
    // "property 'messages.1.assistant.reasoning_content' is unsupported": thoughts come and go as reasoning.
    quirks: {
      dropFields: ['frequency_penalty', 'logit_bias', 'presence_penalty'],
      dropMessageFields: ['reasoning_content', 'reasoning_details'],
      reasoningField: 'reasoning',
      developerRole: 'system',
    },
    models: ['gpt-oss-120b'],
    docs: 'https://inference-docs.cerebras.ai/resources/openai',
  }),
  hosted({
    name: 'moonshot',
    displayName: 'Moonshot AI',
    baseUrl: 'https://api.moonshot.ai/v1',
    envVars: ['MOONSHOT_API_KEY'],
    quirks: { developerRole: 'system', reasoningField: 'reasoning_content' },
    docs: 'https://platform.moonshot.ai/docs/api/chat',
  }),
  hosted({
    name: 'alibaba',
    displayName: 'Alibaba Cloud Model Studio',
    baseUrl: 'https://dashscope-intl.aliyuncs.com/compatible-mode/v1',
    envVars: ['DASHSCOPE_API_KEY'],
    embeddingDialect: 'openai-embeddings',
    // "developer is not one of ['system', 'assistant', 'user', 'tool', 'function']"; vectors come as floats only.
    // Entries of content take cache_control for its explicit cache.
    quirks: { developerRole: 'system', floatEmbeddingsOnly: true, cacheControl: true },
    docs: 'https://www.alibabacloud.com/help/en/model-studio/compatibility-of-openai-with-dashscope',
  }),
  hosted({
    name: 'nvidia',
    displayName: 'NVIDIA NIM',
    baseUrl: 'https://integrate.api.nvidia.com/v1',
    envVars: ['NVIDIA_API_KEY'],
    embeddingDialect: 'openai-embeddings',
    quirks: { renameFields: { max_completion_tokens: 'max_tokens' }, developerRole: 'system' },
    docs: 'https://docs.api.nvidia.com/nim/reference/llm-apis',
  }),
  hosted({
    name: 'sambanova',
    displayName: 'SambaNova',
    baseUrl: 'https://api.sambanova.ai/v1',
    envVars: ['SAMBANOVA_API_KEY'],
    embeddingDialect: 'openai-embeddings',
    models: ['gpt-oss-120b'],
    docs: 'https://docs.sambanova.ai/docs/en/features/openai-compatibility',
  }),
  hosted({
    name: 'deepinfra',
    displayName: 'DeepInfra',
    baseUrl: 'https://api.deepinfra.com/v1/openai',
    envVars: ['DEEPINFRA_API_KEY', 'DEEPINFRA_TOKEN'],
    embeddingDialect: 'openai-embeddings',
    // 422: "Input should be 'system', 'user', 'assistant', or 'tool'".
    quirks: { developerRole: 'system' },
    docs: 'https://deepinfra.com/docs/openai_api',
  }),
  hosted({
    name: 'huggingface',
    displayName: 'Hugging Face',
    baseUrl: 'https://router.huggingface.co/v1',
    envVars: ['HF_TOKEN'],
    docs: 'https://huggingface.co/docs/inference-providers/index',
  }),
  hosted({
    name: 'nebius',
    displayName: 'Nebius Token Factory',
    baseUrl: 'https://api.tokenfactory.nebius.com/v1',
    envVars: ['NEBIUS_API_KEY'],
    embeddingDialect: 'openai-embeddings',
    docs: 'https://docs.tokenfactory.nebius.com/',
  }),
  hosted({
    name: 'novita',
    displayName: 'Novita AI',
    baseUrl: 'https://api.novita.ai/openai/v1',
    envVars: ['NOVITA_API_KEY'],
    embeddingDialect: 'openai-embeddings',
    docs: 'https://novita.ai/docs/api-reference/model-apis-llm-create-chat-completion',
  }),
  hosted({
    name: 'hyperbolic',
    displayName: 'Hyperbolic',
    baseUrl: 'https://api.hyperbolic.xyz/v1',
    envVars: ['HYPERBOLIC_API_KEY'],
    docs: 'https://docs.hyperbolic.xyz/docs/rest-api',
  }),
  hosted({
    name: 'zai',
    displayName: 'Z.ai',
    baseUrl: 'https://api.z.ai/api/paas/v4',
    envVars: ['ZAI_API_KEY'],
    // Code 1214, "Incorrect role information", for developer.
    quirks: { renameFields: { max_completion_tokens: 'max_tokens' }, developerRole: 'system' },
    docs: 'https://docs.z.ai/api-reference/llm/chat-completion',
  }),
  hosted({
    name: 'zhipu',
    displayName: 'Zhipu AI (bigmodel.cn)',
    baseUrl: 'https://open.bigmodel.cn/api/paas/v4',
    envVars: ['ZHIPU_API_KEY', 'ZHIPUAI_API_KEY'],
    embeddingDialect: 'openai-embeddings',
    quirks: { renameFields: { max_completion_tokens: 'max_tokens' }, developerRole: 'system' },
    docs: 'https://docs.bigmodel.cn/cn/guide/develop/openai/introduction',
  }),
  hosted({
    name: 'minimax',
    displayName: 'MiniMax',
    baseUrl: 'https://api.minimax.io/v1',
    envVars: ['MINIMAX_API_KEY'],
    docs: 'https://platform.minimax.io/docs/api-reference/text-openai-api',
  }),
  hosted({
    name: 'siliconflow',
    displayName: 'SiliconFlow',
    baseUrl: 'https://api.siliconflow.com/v1',
    envVars: ['SILICONFLOW_API_KEY'],
    embeddingDialect: 'openai-embeddings',
    docs: 'https://docs.siliconflow.com/en/api-reference/chat-completions/chat-completions',
  }),
  hosted({
    name: 'scaleway',
    displayName: 'Scaleway Generative APIs',
    baseUrl: 'https://api.scaleway.ai/v1',
    envVars: ['SCALEWAY_API_KEY', 'SCW_SECRET_KEY'],
    embeddingDialect: 'openai-embeddings',
    docs: 'https://www.scaleway.com/en/docs/generative-apis/',
  }),
  hosted({
    name: 'ovhcloud',
    displayName: 'OVHcloud AI Endpoints',
    baseUrl: 'https://oai.endpoints.kepler.ai.cloud.ovh.net/v1',
    envVars: ['OVHCLOUD_API_KEY', 'OVH_AI_ENDPOINTS_ACCESS_TOKEN'],
    embeddingDialect: 'openai-embeddings',
    docs: 'https://www.ovhcloud.com/en/public-cloud/ai-endpoints/catalog/',
  }),
  hosted({
    name: 'baseten',
    displayName: 'Baseten Model APIs',
    baseUrl: 'https://inference.baseten.co/v1',
    envVars: ['BASETEN_API_KEY'],
    docs: 'https://docs.baseten.co/inference/model-apis/overview',
  }),
  hosted({
    name: 'venice',
    displayName: 'Venice AI',
    baseUrl: 'https://api.venice.ai/api/v1',
    envVars: ['VENICE_API_KEY'],
    embeddingDialect: 'openai-embeddings',
    docs: 'https://docs.venice.ai/api-reference/api-spec',
  }),
  hosted({
    name: 'vercel',
    displayName: 'Vercel AI Gateway',
    baseUrl: 'https://ai-gateway.vercel.sh/v1',
    envVars: ['AI_GATEWAY_API_KEY'],
    embeddingDialect: 'openai-embeddings',
    docs: 'https://vercel.com/docs/ai-gateway/openai-compat',
  }),
];
