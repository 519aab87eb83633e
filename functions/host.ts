import type { QueueClient } from '../shared/aws/queue-client.ts';
import type { Transport } from '../shared/exchange/kraken/transport.ts';
import type { LedgerClient } from '../shared/ledger/dynamodb/document-client.ts';
import type { Post } from '../shared/notification/http/post.ts';
import type { TopicClient } from '../shared/notification/sns/topic.ts';
import type { Telemetry } from '../shared/telemetry/telemetry.ts';
import type { Clock } from '../shared/time/clock.ts';
import type { Ids } from '../shared/time/jitter.ts';
import type { SecretsClient } from '../shared/vault/secrets-manager/vault.ts';

/** How a function reaches what is outside its process. */
export interface HostClients {
  readonly documents: LedgerClient;
  readonly secrets: SecretsClient;
  readonly queues: QueueClient;
  readonly kraken: Transport;
  readonly topics?: TopicClient;
  readonly post?: Post;
}

/** What a function gets from where it runs: AWS Lambda or the local runtime. The handlers cannot tell. */
export interface Host {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly clock: Clock;
  readonly chance: Ids;
  /** Those that the host brings along; the others are made as `env` says. */
  readonly clients?: Partial<HostClients>;
  telemetry(functionName: string): Telemetry;
}
