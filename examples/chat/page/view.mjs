const GROUP_WITHIN_MS = 2 * 60 * 1000;
const COUNT_BELOW = 100;
const MOST_ENTRIES = 500;
const COLOURS = 6;

const STATUS_TEXT = {
  connecting: 'Connecting …',
  online: 'Connected',
  offline: 'Reconnecting …',
};

const time = new Intl.DateTimeFormat(undefined, { hour: '2-digit', minute: '2-digit' });
const title = document.title;

const status = byId('status');
const joinView = byId('join');
const joinForm = byId('join-form');
const nameInput = byId('name');
const joinProblem = byId('join-problem');
const joinCount = byId('join-count');
const room = byId('room');
const peopleList = byId('people');
const peopleCount = byId('people-count');
const log = byId('log');
const entries = byId('entries');
const newerButton = byId('newer');
const sendForm = byId('send-form');
const textInput = byId('text');
const left = byId('left');
const sendButton = byId('send');

let myId;
let lastEntry;
let unread = 0;

/** Calls `join` with what was typed when somebody sends the name form. */
export function onJoin(join) {
  joinForm.addEventListener('submit', (event) => {
    event.preventDefault();
    const name = nameInput.value.trim();
    if (name === '') showJoinProblem('Please tell us your name');
    else join(name);
  });
}

/** Calls `send` with what was typed; the field is emptied if it returns true. */
export function onSend(send) {
  sendForm.addEventListener('submit', (event) => {
    event.preventDefault();
    const text = textInput.value.trim();
    if (text === '' || !send(text)) return;
    textInput.value = '';
    showLeft();
    textInput.focus();
  });
}

export function setMe(clientId) {
  myId = clientId;
}

export function showStatus(value, cause) {
  status.dataset.status = value;
  // The same text set again would be read out again, at each attempt.
  if (status.textContent !== STATUS_TEXT[value]) status.textContent = STATUS_TEXT[value];
  status.title = cause ? `Closed with ${cause.code}${cause.reason ? `: ${cause.reason}` : ''}` : '';
}

export function showJoinProblem(problem) {
  joinProblem.textContent = problem;
  nameInput.setAttribute('aria-invalid', 'true');
  nameInput.focus();
}

/** Goes back to the question for a name, with the problem of the last one. */
export function showJoin(problem) {
  room.hidden = true;
  joinView.hidden = false;
  showJoinProblem(problem);
}

export function showRoom(name) {
  byId('my-name').textContent = name;
  if (isInRoom()) return;
  joinProblem.textContent = '';
  nameInput.removeAttribute('aria-invalid');
  joinView.hidden = true;
  room.hidden = false;
  textInput.focus();
}

export function isInRoom() {
  return !room.hidden;
}

/** Lets the button be pressed or not; the field stays open, so that a loss of connection interrupts nobody. */
export function setCanSend(canSend) {
  sendButton.disabled = !canSend;
}

export function showPeople(people) {
  const others = people.filter(({ id }) => id !== myId);
  const me = people.filter(({ id }) => id === myId);
  peopleList.replaceChildren(...[...me, ...others].map(person));
  peopleCount.textContent = people.length;
  joinCount.textContent = people.length === 0 ? 'Nobody is here yet' : `${people.length} here now`;
}

/** Adds a line about the room: who came, who left, what went wrong. */
export function addNotice(message, timestamp) {
  const entry = element('li', 'notice');
  entry.append(element('span', '', message), timeOf(timestamp));
  append(entry, false);
  lastEntry = undefined;
}

export function addMessage({ isMine = false, from, name, text, timestamp, ref }) {
  const author = isMine ? myId : from;
  const follows = lastEntry?.author === author && timestamp - lastEntry.timestamp < GROUP_WITHIN_MS;
  const entry = element('li', 'message');
  entry.classList.toggle('mine', isMine);
  entry.classList.toggle('follows', follows);
  if (ref !== undefined) entry.dataset.ref = ref;

  const head = element('p', 'head');
  // Who speaks is read out every time, and shown when it changes.
  head.append(element('bdi', 'author', isMine ? 'You' : name), timeOf(timestamp));
  const bubble = element('p', 'bubble', text);
  bubble.dir = 'auto';
  entry.append(avatar(name), head, bubble);

  append(entry, isMine);
  lastEntry = { author, timestamp };
}

/** Marks the message with this number as refused, and tells whether there is one. */
export function markNotSent(ref, problem) {
  if (!Number.isInteger(ref)) return false;
  const entry = entries.querySelector(`[data-ref="${ref}"]`);
  if (entry === null) return false;
  entry.classList.add('not-sent');
  entry.append(element('p', 'problem', `Not sent. ${problem}`));
  if (isAtEnd()) scrollToEnd();
  return true;
}

function append(entry, isMine) {
  const wasAtEnd = isAtEnd();
  entries.append(entry);
  if (entries.childElementCount > MOST_ENTRIES) entries.firstElementChild.remove();
  if (wasAtEnd || isMine) scrollToEnd();
  else newerButton.hidden = false;
  if (document.hidden && entry.classList.contains('message')) {
    unread += 1;
    document.title = `(${unread}) ${title}`;
  }
}

function isAtEnd() {
  return log.scrollHeight - log.scrollTop - log.clientHeight < 80;
}

function scrollToEnd() {
  log.scrollTop = log.scrollHeight;
  newerButton.hidden = true;
}

function person({ id, name }) {
  const item = element('li', 'person');
  item.append(avatar(name), element('bdi', 'person-name', name));
  if (id === myId) item.append(element('span', 'you', 'you'));
  return item;
}

function avatar(name) {
  const initial = [...name][0].toUpperCase();
  const circle = element('span', 'avatar', initial);
  let sum = 0;
  for (const character of name) sum = (sum * 31 + character.codePointAt(0)) % 9973;
  circle.dataset.colour = sum % COLOURS;
  circle.ariaHidden = 'true';
  return circle;
}

function timeOf(timestamp) {
  const date = new Date(timestamp);
  const node = element('time', '', time.format(date));
  node.dateTime = date.toISOString();
  return node;
}

function showLeft() {
  const count = textInput.maxLength - textInput.value.length;
  left.textContent = count < COUNT_BELOW ? `${count} characters left` : '';
}

/** Makes an element with text in it: whatever others wrote goes into the page as text, never as HTML. */
function element(tag, className, text) {
  const node = document.createElement(tag);
  if (className) node.className = className;
  if (text !== undefined) node.textContent = text;
  return node;
}

function byId(id) {
  return document.getElementById(id);
}

textInput.addEventListener('input', showLeft);
textInput.addEventListener('keydown', (event) => {
  // While an input method composes a word, Enter belongs to it.
  if (event.key !== 'Enter' || event.shiftKey || event.isComposing) return;
  event.preventDefault();
  sendForm.requestSubmit(sendButton.disabled ? null : sendButton);
});

nameInput.addEventListener('input', () => {
  joinProblem.textContent = '';
  nameInput.removeAttribute('aria-invalid');
});

newerButton.addEventListener('click', scrollToEnd);
log.addEventListener('scroll', () => {
  if (isAtEnd()) newerButton.hidden = true;
});
new ResizeObserver(() => {
  if (newerButton.hidden) log.scrollTop = log.scrollHeight;
}).observe(log);

document.addEventListener('visibilitychange', () => {
  if (document.hidden) return;
  unread = 0;
  document.title = title;
});
