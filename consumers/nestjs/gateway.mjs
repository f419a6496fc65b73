import { Module } from '@nestjs/common';
import {
  ConnectedSocket,
  MessageBody,
  SubscribeMessage,
  WebSocketGateway,
  WebSocketServer,
} from '@nestjs/websockets';
import { from } from 'rxjs';

export class ChoirGateway {
  server;
  lastClient;
  gone = 0;

  handleConnection(client) {
    this.lastClient = client;
  }

  handleDisconnect() {
    this.gone += 1;
  }

  echo(text) {
    return { event: 'echo', data: text };
  }

  countdown(text) {
    return from([3, 2, 1].map((left) => ({ event: 'count', data: `${text} ${left}` })));
  }

  shout(text) {
    for (const client of this.server.clients) client.send(JSON.stringify({ event: 'shouted', data: text }));
  }

  leave(code, client) {
    client.close(code, 'as you wish');
  }
}

export class AppModule {}

// Decorators by hand: this is plain JavaScript, run as it is.
WebSocketGateway({ path: '/choir' })(ChoirGateway);
WebSocketServer()(ChoirGateway.prototype, 'server');
for (const name of ['echo', 'countdown', 'shout', 'leave']) {
  MessageBody()(ChoirGateway.prototype, name, 0);
  const descriptor = Object.getOwnPropertyDescriptor(ChoirGateway.prototype, name);
  SubscribeMessage(name)(ChoirGateway.prototype, name, descriptor);
}
ConnectedSocket()(ChoirGateway.prototype, 'leave', 1);
Module({ providers: [ChoirGateway] })(AppModule);
