// Socket.IO's server serves this file of its client.
import { io } from '/socket.io/socket.io.esm.min.js';

const socket = io();
const transport = document.querySelector('#transport');
const log = document.querySelector('#log');
let room;

socket.on('connect', () => {
  const { engine } = socket.io;
  transport.textContent = engine.transport.name;
  engine.once('upgrade', () => {
    transport.textContent = engine.transport.name;
  });
  // Rooms are the server's: after a new connection it knows nothing of the old one's.
  if (room !== undefined) join(room);
});
socket.on('disconnect', () => {
  transport.textContent = 'no';
});

socket.on('came', (event) => show(`${event.id} came to ${event.room}`));
socket.on('went', (event) => show(`${event.id} left ${event.room}`));
socket.on('said', (event) => show(`${event.id}: ${event.text}`));
socket.on('shared', (event) => {
  const link = document.createElement('a');
  link.href = URL.createObjectURL(new Blob([event.bytes]));
  link.download = event.name;
  link.textContent = `${event.name} (${event.bytes.byteLength} bytes)`;
  show(`${event.id} shares `, link);
});

onSubmit('join', async (form) => {
  const chosen = form.get('room');
  if (room !== undefined && room !== chosen) await socket.emitWithAck('leave', room);
  await join(chosen);
});
onSubmit('say', async (form, element) => {
  const { problem } = await socket.emitWithAck('say', room, form.get('text'));
  show(problem ?? `you: ${form.get('text')}`);
  if (problem === undefined) element.reset();
});
onSubmit('share', async (form) => {
  const file = form.get('file');
  const { problem, bytes } = await socket.emitWithAck(
    'share',
    room,
    file.name.slice(-24),
    await file.arrayBuffer(),
  );
  show(problem ?? `you share ${bytes} bytes`);
});

async function join(chosen) {
  const { problem, people } = await socket.emitWithAck('join', chosen);
  if (problem === undefined) room = chosen;
  show(problem ?? `you are in ${room}, with ${people - 1} more`);
}

function onSubmit(id, act) {
  const element = document.getElementById(id);
  element.addEventListener('submit', (event) => {
    event.preventDefault();
    act(new FormData(element), element);
  });
}

function show(...content) {
  const line = document.createElement('li');
  line.append(...content);
  log.append(line);
}
