import { keepConnected } from './connection.mjs';
import * as view from './view.mjs';

let myName;
let resumeKey;
let hasJoined = false;
let lastRef = 0;

const url = new URL('/chat', location.href);
url.protocol = location.protocol === 'https:' ? 'wss:' : 'ws:';

const connection = keepConnected(url, {
  onStatus(status, cause) {
    view.showStatus(status, cause);
    if (status !== 'online') hasJoined = false;
    view.setCanSend(hasJoined);
  },
  onMessage(message) {
    handlers[message.type]?.(message);
  },
});

const handlers = {
  welcome({ clientId, people }) {
    view.setMe(clientId);
    view.showPeople(people);
    if (myName !== undefined) connection.send({ type: 'join', name: myName, resumeKey });
  },
  joined(message) {
    view.addNotice(view.isInRoom() ? 'You are back' : `Welcome aboard, ${message.name}`, Date.now());
    myName = message.name;
    resumeKey = message.resumeKey;
    hasJoined = true;
    view.showRoom(myName);
    view.setCanSend(true);
  },
  people({ people }) {
    view.showPeople(people);
  },
  chat({ from, name, text, timestamp }) {
    if (view.isInRoom()) view.addMessage({ from, name, text, timestamp });
  },
  system({ message, timestamp }) {
    if (view.isInRoom()) view.addNotice(message, timestamp);
  },
  error({ refused, message, ref }) {
    if (refused === 'join') {
      myName = undefined;
      view.showJoin(message);
    } else if (!view.markNotSent(ref, message)) {
      view.addNotice(message, Date.now());
    }
  },
};

view.onJoin((name) => {
  myName = name;
  if (!connection.send({ type: 'join', name, resumeKey })) {
    view.showJoinProblem('No connection yet: you join as soon as it is there');
  }
});

view.onSend((text) => {
  lastRef += 1;
  if (!hasJoined || !connection.send({ type: 'chat', text, ref: lastRef })) return false;
  view.addMessage({ isMine: true, name: myName, text, timestamp: Date.now(), ref: lastRef });
  return true;
});
