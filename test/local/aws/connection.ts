/** How a test's SDK client reaches a local endpoint, as `caller`. */
export const connection = (endpoint: string, caller = 'test') => ({
  endpoint,
  region: 'us-east-1',
  credentials: { accessKeyId: caller, secretAccessKey: 'local' },
  maxAttempts: 1,
});
