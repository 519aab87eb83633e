import {
  Agent,
  createServer,
  type IncomingMessage,
  request,
  type Server,
  type ServerResponse,
} from 'node:http';
import { type Asked, type AskedResource, askedBy } from './requests.ts';
import type { Access } from './roles.ts';

/** One thing that a function asked AWS to do, and whether it was let. */
export interface Asking extends Access {
  readonly function: string;
  readonly allowed: boolean;
}

export interface RelayOptions {
  /** The functions that get a relay each. */
  readonly functions: readonly string[];
  /** Whether the function's role lets it. */
  readonly judge: (functionName: string, access: Access) => Promise<boolean>;
  /** The ARN of what is called so at the local endpoints. */
  readonly arnOf: (resource: AskedResource) => string;
}

export interface Relays {
  /**
   * The function's variables, with every URL of a local AWS endpoint replaced by the one of its own relay.
   * To be called once for each function, before it runs.
   */
  route(functionName: string, env: Readonly<Record<string, string>>): Readonly<Record<string, string>>;
  /** Everything that was asked so far. */
  readonly asked: readonly Asking[];
  readonly refused: readonly Asking[];
  stop(): Promise<void>;
}

/** The variables that name the endpoints, by the service in the header `x-amz-target`. */
const ENDPOINTS: Readonly<Record<string, string>> = {
  DynamoDB_20120810: 'AWS_ENDPOINT_URL_DYNAMODB',
  secretsmanager: 'AWS_ENDPOINT_URL_SECRETS_MANAGER',
  AmazonSQS: 'AWS_ENDPOINT_URL_SQS',
};

/**
 * Stands between functions and the local DynamoDB, Secrets Manager and SQS, and does what AWS does there:
 * lets a request through if the function's role allows it, else answers AccessDenied. Each function has a
 * port of its own, which tells who asks.
 */
export const startRelays = async ({ functions, judge, arnOf }: RelayOptions): Promise<Relays> => {
  const asked: Asking[] = [];
  const agent = new Agent({ keepAlive: true });
  const relays = new Map<string, OneRelay>();
  for (const name of functions) {
    const judged = async ({ action, on, leadingKeys }: Asked): Promise<Asking> => {
      const access = { action, resource: arnOf(on), ...(leadingKeys === undefined ? {} : { leadingKeys }) };
      const asking = { function: name, ...access, allowed: await judge(name, access) };
      asked.push(asking);
      return asking;
    };
    relays.set(name, await startOne(judged, agent));
  }
  return {
    asked,
    get refused() {
      return asked.filter(({ allowed }) => !allowed);
    },
    route: (name, env) => {
      const relay = relays.get(name);
      if (relay === undefined) throw new Error(`there is no relay for this function (given '${name}')`);
      for (const [service, variable] of Object.entries(ENDPOINTS)) {
        const upstream = env[variable];
        if (upstream !== undefined) relay.upstreams.set(service, upstream);
      }
      const upstreams = [...relay.upstreams.values()];
      return Object.fromEntries(
        Object.entries(env).map(([variable, value]) => {
          const upstream = upstreams.find((url) => value.startsWith(url));
          return [variable, upstream === undefined ? value : `${relay.url}${value.slice(upstream.length)}`];
        }),
      );
    },
    stop: async () => {
      for (const { server } of relays.values()) {
        server.closeAllConnections();
        await new Promise<void>((resolve) => {
          server.close(() => resolve());
        });
      }
      agent.destroy();
    },
  };
};

interface OneRelay {
  readonly server: Server;
  readonly url: string;
  /** The endpoints behind it, by service. */
  readonly upstreams: Map<string, string>;
}

const startOne = async (judge: (asked: Asked) => Promise<Asking>, agent: Agent): Promise<OneRelay> => {
  const upstreams = new Map<string, string>();
  const handle = async (incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> => {
    const body = await bodyOf(incoming);
    const target = String(incoming.headers['x-amz-target']);
    const asked = askedBy(target, JSON.parse(body.toString('utf8')));
    const judged = await Promise.all(asked.map(judge));
    const refused = judged.find(({ allowed }) => !allowed);
    if (refused !== undefined) return deny(refused, outgoing);
    const upstream = upstreams.get(target.slice(0, target.indexOf('.')));
    if (upstream === undefined) throw new Error(`no endpoint is known for the request (given '${target}')`);
    await forward(incoming, body, upstream, outgoing, agent);
  };
  const server = createServer((incoming, outgoing) => {
    handle(incoming, outgoing).catch((error: unknown) => {
      // A relay that fails must not look like a refusal, nor like a service that passes.
      outgoing.writeHead(400, { 'content-type': 'application/x-amz-json-1.0' });
      outgoing.end(JSON.stringify({ __type: 'RelayFailed', message: String(error) }));
    });
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, '127.0.0.1', resolve);
  });
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('a relay has no port');
  return { server, url: `http://127.0.0.1:${address.port}`, upstreams };
};

const bodyOf = async (incoming: IncomingMessage): Promise<Buffer> => {
  const chunks: Buffer[] = [];
  for await (const chunk of incoming as AsyncIterable<Buffer>) chunks.push(chunk);
  return Buffer.concat(chunks);
};

/** As AWS words it; no SDK tries such a request again. */
const deny = ({ function: name, action, resource }: Asking, outgoing: ServerResponse): void => {
  const message = `User: ${name} is not authorized to perform: ${action} on resource: ${resource} because no identity-based policy allows the ${action} action`;
  outgoing.writeHead(400, {
    'content-type': 'application/x-amz-json-1.0',
    'x-amzn-errortype': 'AccessDeniedException',
  });
  outgoing.end(JSON.stringify({ __type: 'AccessDeniedException', message, Message: message }));
};

const forward = async (
  incoming: IncomingMessage,
  body: Buffer,
  upstream: string,
  outgoing: ServerResponse,
  agent: Agent,
): Promise<void> => {
  const { host: _host, connection: _connection, ...headers } = incoming.headers;
  await new Promise<void>((resolve, reject) => {
    const passed = request(
      new URL(incoming.url ?? '/', upstream),
      { method: incoming.method ?? 'POST', headers, agent },
      (answer) => {
        outgoing.writeHead(answer.statusCode ?? 502, answer.headers);
        answer.pipe(outgoing);
        answer.once('end', resolve);
        answer.once('error', reject);
      },
    );
    passed.once('error', reject);
    passed.end(body);
  });
};
