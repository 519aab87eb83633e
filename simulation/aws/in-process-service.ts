import { AwsError, type Caller, type Operation } from '../../infra/local/aws/json-service.ts';

/** An operation that the service has and that nothing here stands for. */
export class UnknownOperation extends Error {
  override readonly name = 'UnknownOperation';
}

/**
 * What an SDK client does with a command, without the wire: the operation is carried out before `send`
 * returns, and its answer or the service's error comes as the SDK would give it. `input` is what would travel.
 *
 * @param options.caller whom the service takes the client for
 * @param options.refusal the SDK's own error for one of the service
 */
export const inProcessService = (options: {
  readonly service: string;
  readonly operations: Readonly<Record<string, Operation>>;
  readonly caller: string;
  readonly refusal: (error: AwsError) => Error;
}): ((command: object, input: unknown) => Promise<object>) => {
  const { service, operations, refusal } = options;
  const caller: Caller = { accessKeyId: options.caller, signal: new AbortController().signal };
  return async (command, input) => {
    const name = command.constructor.name.replace(/Command$/, '');
    const operation = Object.hasOwn(operations, name) ? operations[name] : undefined;
    if (operation === undefined)
      throw new UnknownOperation(`the ${service} of this process has no such operation (given '${name}')`);
    try {
      return { ...(await operation.run(input, caller)), $metadata: { httpStatusCode: 200, attempts: 1 } };
    } catch (error) {
      throw error instanceof AwsError ? refusal(error) : error;
    }
  };
};

/** How the SDK describes an error of the service, for the constructors of its errors. */
export const serviceError = ({ code, message, status }: AwsError) => ({
  name: code,
  message,
  $fault: status < 500 ? ('client' as const) : ('server' as const),
  $metadata: { httpStatusCode: status, attempts: 1 },
});
