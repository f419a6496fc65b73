/** Where `ReconnectingWebSocket` behaves otherwise than the packages that it stands in for, on purpose. */
export interface DropInDifference {
  readonly id: string;
  readonly topic: string;
  /** What reconnecting-websocket 4.4 and partysocket 1.3 do; where they differ, it says which. */
  readonly others: string;
  readonly hawser: string;
  readonly reason: string;
}

/** Every deliberate difference; each has a program in drop-in-differences.test.ts that shows all sides. */
export const DROP_IN_DIFFERENCES = [
  {
    id: 'lost',
    topic: 'a connection that breaks',
    others: "tell 'close' with 1000 as if it had been clean, then 'error'",
    hawser: "tells 'error', then 'close' with 1006",
    reason: 'what a WebSocket tells; a program can see that messages may be lost',
  },
  {
    id: 'refused',
    topic: 'a server that closes with 1000, 1008, 4400, 4401, 4403 or 4409',
    others: 'connect again at once',
    hawser: 'does not come back, unless `shouldReconnect` says so',
    reason: 'the server is done with the client, and would say so again',
  },
  {
    id: 'close-without-code',
    topic: '`close()` without a code',
    others: 'send 1000',
    hawser: 'sends none, so that the server sees 1005',
    reason: 'the standard',
  },
  {
    id: 'close-code',
    topic: '`close()` with a code or reason that may not be sent',
    others:
      'reconnecting-websocket throws where it has a connection; partysocket never, and the connection stays',
    hawser: 'throws in every state, and changes nothing',
    reason: 'the standard',
  },
  {
    id: 'close-early',
    topic: '`close()` before the first connection, or while it waits for the next one',
    others: "tell no 'close'",
    hawser: "tells 'close'",
    reason: 'its readyState was CONNECTING; who waits for the end hears of it',
  },
  {
    id: 'close-now',
    topic: '`close()` of an open connection',
    others: "partysocket tells 'close' before it returns, and is CLOSED",
    hawser: "is CLOSING, and tells 'close' when the peer has answered",
    reason: 'the standard, and reconnecting-websocket',
  },
  {
    id: 'close-queue',
    topic: 'messages that wait, or are sent, when it is closed',
    others: 'are kept, and go out after a `reconnect()`',
    hawser: 'are thrown away',
    reason: 'who closes does not mean to say more; after `maxRetries` they are kept',
  },
  {
    id: 'reconnect-code',
    topic: '`reconnect(code, reason)`',
    others: 'close with that, or with 1000',
    hawser: 'takes no arguments; the server sees 4499, and the program 1006',
    reason: 'with 1000 a server takes the client for gone',
  },
  {
    id: 'after-retries',
    topic: '`maxRetries` is used up',
    others: 'say nothing; reconnecting-websocket never connects again, whatever is called',
    hawser: "tells 'maxRetriesReached', and `reconnect()` begins anew",
    reason: 'somebody has to know; 10 retries by default, not for ever',
  },
  {
    id: 'first-attempt',
    topic: 'the constructor',
    others: 'connects later: `url` is empty, and a bad URL throws nothing',
    hawser: 'connects at once where the URL is no function, and throws a SyntaxError',
    reason: 'the standard',
  },
  {
    id: 'between',
    topic: '`readyState` between two connections, and behind `reconnect()`',
    others: 'that of the last connection: CLOSED, as after the end',
    hawser: 'CONNECTING, until it does not come back any more',
    reason: 'CLOSED is for good; `state` says more',
  },
  {
    id: 'queue-bound',
    topic: 'more messages than `maxEnqueuedMessages`',
    others: 'are dropped, and nobody is told; no bound by default',
    hawser: "`send()` throws; or 'dropped' is told, by `queue.overflow`; 250 and 1 MiB by default",
    reason: 'a loss is never silent',
  },
  {
    id: 'queue-copy',
    topic: 'bytes that are changed after `send()`, while they wait',
    others: 'go out as they are then',
    hawser: 'go out as they were sent',
    reason: 'the standard',
  },
  {
    id: 'buffered',
    topic: '`bufferedAmount` of text that waits',
    others: 'counts UTF-16 code units',
    hawser: 'counts bytes of UTF-8',
    reason: 'the standard',
  },
  {
    id: 'send-result',
    topic: 'what `send()` returns',
    others: 'partysocket: whether the message went out at once; it has `drainQueuedMessages()` too',
    hawser: 'nothing; `bufferedAmount` tells',
    reason: 'the standard, and reconnecting-websocket',
  },
  {
    id: 'binary-type',
    topic: 'a `binaryType` that there is not',
    others: 'is kept until there is a connection',
    hawser: 'is ignored',
    reason: 'the standard',
  },
  {
    id: 'protocols-function',
    topic: 'subprotocols by a function',
    others: 'reconnecting-websocket has none',
    hawser: 'calls it for each attempt, as partysocket does',
    reason: 'tokens travel in subprotocols',
  },
  {
    id: 'listener-options',
    topic: '`addEventListener` with `once` or `signal`, or twice with the same listener',
    others: 'reconnecting-websocket knows none of it, and calls the listener twice',
    hawser: 'is an EventTarget, as partysocket is',
    reason: 'the standard',
  },
  {
    id: 'attribute-order',
    topic: '`onopen` and the others beside listeners',
    others: 'come first',
    hawser: 'come in their turn, by when they were set',
    reason: 'the standard',
  },
  {
    id: 'event-target',
    topic: '`event.target` in `onmessage`',
    others: 'the WebSocket beneath',
    hawser: 'the client itself',
    reason: 'the socket beneath is another one after each reconnect',
  },
  {
    id: 'retry-count',
    topic: '`retryCount` of a connection that holds',
    others: '0 as soon as it has held for `minUptime`',
    hawser: 'what it took to get it, until it ends',
    reason: 'it is read when a connection has failed',
  },
] as const satisfies readonly DropInDifference[];
