/** A schema that keeps to what strict mode allows. */
export const weatherSchema = {
  type: 'object',
  properties: { city: { type: 'string' }, days: { type: 'integer' } },
  required: ['city', 'days'],
  additionalProperties: false,
} as const;

/** A function for models to call. */
export const weatherTool = {
  type: 'function' as const,
  function: { name: 'weather', description: 'The weather of a city.', parameters: { ...weatherSchema }, strict: true },
};
