#!/usr/bin/env bash
# slurm-cluster.sh - a throw-away SLURM cluster on one machine, for integration tests.
#
#   eval "$(slurm-cluster.sh up)"     start (or find running) and export SLURM_CONF etc.
#   slurm-cluster.sh status           0 = every node usable, 3 = not running / not healthy
#   slurm-cluster.sh down             stop everything that `up` started (logs stay)
#   slurm-cluster.sh env              print the export lines of a running cluster
#   slurm-cluster.sh exec NODE CMD..  run CMD on a virtual node (as "ssh NODE CMD")
#   slurm-cluster.sh kill-node NODE   power failure: SIGKILL everything on the node
#   slurm-cluster.sh cut-node NODE    pull the network cable   (netns mode only)
#   slurm-cluster.sh heal-node NODE   put the cable back       (netns mode only)
#   slurm-cluster.sh start-node NODE  boot a killed node again
#
# Debian 12 packages: slurm-wlm munge openmpi-bin iproute2 util-linux.  Needs root.
# Nothing under /etc is written; every tool finds the cluster through $SLURM_CONF.
#
# Modes (SLURMLAB_MODE):
#   netns     every node has its own net+uts+pid+mount namespace: own hostname, own
#             address on a private bridge without uplink, own /proc, /dev/shm.  MPI sees
#             really different hosts and talks TCP between them.
#   loopback  as netns but all nodes share the host's network, on 127.0.0.1
#   plain     no namespaces at all: several slurmd -N on one hostname
#   auto      the first of these three that this machine permits (default)
set -u -o pipefail
PATH=$PATH:/usr/sbin:/sbin

: "${SLURMLAB_DIR:=${TMPDIR:-/tmp}/slurmlab-state}"
: "${SLURMLAB_ID:=0}"            # 0..9: lets several clusters live side by side (with other DIR)
: "${SLURMLAB_MODE:=auto}"
: "${SLURMLAB_NODES:=3}"          # the last of three or more is in the partition "wide" alone
: "${SLURMLAB_CPUS:=8}"          # declared per node, whatever the machine really has
: "${SLURMLAB_MEM:=64000}"       # MB declared per node
: "${SLURMLAB_GPUS:=4}"          # fake GPUs per node (0 = none)
: "${SLURMLAB_GPU_TYPE:=}"       # e.g. a100 -> --gres=gpu:a100:2 works too
: "${SLURMLAB_TIMEOUT:=30}"      # seconds `up` may take
: "${SLURMLAB_KILLWAIT:=5}"      # SIGTERM -> SIGKILL on time limit / scancel
: "${SLURMLAB_SLURMD_TIMEOUT:=15}" # silent node is DOWN after so many seconds
: "${SLURMLAB_MPI:=none}"        # MpiDefault: none | pmix | pmi2
: "${SLURMLAB_EXTRA_CONF:=}"     # extra lines for slurm.conf

D=$SLURMLAB_DIR
SELF=$(readlink -f "${BASH_SOURCE[0]}")
BR=slab$SLURMLAB_ID
SUBNET=10.213.$((77 + SLURMLAB_ID))
BASEPORT=$((17100 + 100 * SLURMLAB_ID))
export SLURM_CONF=$D/slurm.conf

say()  { printf 'slurmlab: %s\n' "$*" >&2; }
die()  { say "ERROR: $*"; exit 1; }

# ---- processes: remembered as "pid starttime", so that a recycled pid is never hit ----
starttime() { local s; s=$(cat "/proc/$1/stat" 2>/dev/null) || return 1; s=${s##*) }; set -- $s; [ "$1" != Z ] && echo "${20}"; }
remember()  { local t; t=$(starttime "$2") || return 1; echo "$2 $t" >"$D/run/$1.proc"; }
pid_of()    { local p t; [ -e "$D/run/$1.proc" ] || return 1; read -r p t 2>/dev/null <"$D/run/$1.proc" || return 1
              [ "$(starttime "$p")" = "$t" ] || return 1; echo "$p"; }
gone()      { local i; for ((i = 0; i < ${2:-50}; i++)); do kill -0 "$1" 2>/dev/null || return 0
              case "$(cut -d')' -f2 "/proc/$1/stat" 2>/dev/null)" in " Z"*) return 0 ;; esac; sleep 0.1; done; return 1; }
stop()      { local p; p=$(pid_of "$1") || { rm -f "$D/run/$1.proc"; return 0; }
              kill -"${2:-TERM}" "$p" 2>/dev/null
              gone "$p" 50 || { kill -KILL "$p" 2>/dev/null; gone "$p" 30 || say "$1 (pid $p) does not die"; }
              rm -f "$D/run/$1.proc"; }
spawn()     { local name=$1; shift   # detached from our stdio, session and lock
              setsid "$@" </dev/null >>"$D/log/$name.out" 2>&1 9>&- & remember "$name" $!; disown $! 2>/dev/null; }
names()     { local i; for ((i = 1; i <= SLURMLAB_NODES; i++)); do echo "n$i"; done; }
is_node()   { [[ ${1:-} =~ ^n[0-9]+$ ]] && [ -e "$D/nodes/$1.hosts" ]; }
mode()      { cat "$D/mode" 2>/dev/null; }

# ---- one virtual node -----------------------------------------------------------------
# Runs as pid 1 of the node (netns, loopback): bash reaps orphans, and its death is the
# node's death.  /proc is still the outer one at entry, so $host_pid is the outer pid.
node_init() {
  local n=$1 host_pid _; read -r host_pid _ </proc/self/stat
  hostname "$n" || exit 1
  mount --bind "$D/nodes/$n.hosts" /etc/hosts || exit 1
  mount -t proc proc /proc || exit 1
  mount -t tmpfs -o mode=1777 tmpfs /dev/shm || exit 1
  ip link set lo up 2>/dev/null
  echo "$host_pid" >"$D/nodes/$n.pid.tmp" && mv "$D/nodes/$n.pid.tmp" "$D/nodes/$n.pid"
  local i; for ((i = 0; i < 100; i++)); do [ -e "$D/nodes/$n.go" ] && break; sleep 0.05; done
  trap : TERM INT HUP
  slurmd -D -N "$n" -f "$SLURM_CONF" &
  wait $!; echo "slurmd of $n ended: $?"
  while :; do sleep infinity & wait $!; done   # node stays up without its slurmd
}

node_start() {
  local n=$1 m i=${1#n} p; m=$(mode)
  rm -f "$D/nodes/$n.pid" "$D/nodes/$n.go"
  if [ "$m" = plain ]; then spawn "node-$n" slurmd -D -N "$n" -f "$SLURM_CONF"; return; fi
  local ns=(--uts --pid --mount --fork --kill-child); [ "$m" = netns ] && ns+=(--net)
  spawn "node-$n" unshare "${ns[@]}" "$BASH" "$SELF" __node "$n"
  for ((p = 0; p < 60; p++)); do [ -s "$D/nodes/$n.pid" ] && break; pid_of "node-$n" >/dev/null || break; sleep 0.05; done
  p=$(cat "$D/nodes/$n.pid" 2>/dev/null) || { say "node $n did not start: $(tail -n 3 "$D/log/node-$n.out")"; return 1; }
  remember "init-$n" "$p"
  if [ "$m" = netns ]; then
    ip link del "$BR-$i" 2>/dev/null
    # a fixed MAC: after kill-node + start-node the others' ARP entries stay true
    ip link add "$BR-$i" type veth peer name eth0 address "$(printf '02:51:ab:%02x:00:%02x' "$SLURMLAB_ID" "$i")" netns "$p" &&
      ip link set "$BR-$i" master "$BR" up &&
      nsenter -t "$p" -n ip addr add "$SUBNET.$i/24" dev eth0 &&
      nsenter -t "$p" -n ip link set eth0 up || { say "no network for $n"; return 1; }
  fi
  : >"$D/nodes/$n.go"
}

node_kill() {  # killing pid 1 of the namespace makes the kernel SIGKILL all of the node;
  # link down first: a machine that lost its power says no goodbye on its TCP connections
  [ "$(mode)" = netns ] && ip link set "$BR-${1#n}" down 2>/dev/null
  if [ "$(mode)" = plain ]; then stop "node-$1"; else stop "init-$1" KILL; stop "node-$1" KILL; fi
  rm -f "$D/nodes/$1.pid"
}

node_heal() { local p c   # SIGHUP: slurmd registers again now, not at slurmctld's next look (<= 60 s)
  ip link set "$BR-${1#n}" up; p=$(pid_of "init-$1") || return 0
  for ((c = 0; c < 60; c++)); do nsenter -t "$p" -n ip -br link show eth0 | grep -q ' UP ' && break; sleep 0.05; done
  for c in $(cat "/proc/$p/task/$p/children"); do [ "$(cat "/proc/$c/comm")" = slurmd ] && kill -HUP "$c"; done; :; }

node_exec() { local n=$1 p; shift
  [ "$(mode)" = plain ] && exec "$@"
  p=$(pid_of "init-$n") || die "node $n is not running"
  local ns=(-t "$p" -m -u -p); [ "$(mode)" = netns ] && ns+=(-n)
  exec nsenter "${ns[@]}" --wd="$PWD" -- "$@"; }

# ---- configuration --------------------------------------------------------------------
write_conf() {
  local m=$1 h n i addr; h=$(hostname -s)
  mkdir -p "$D"/{log,run,nodes,spool,state,munge,dev} && chmod 755 "$D" "$D"/* || die "cannot write $D"
  chmod 700 "$D/state"; for n in $(names); do mkdir -p "$D/spool/$n" "$D/tmp/$n"; chmod 1777 "$D/tmp/$n"; done
  if [ "$m" = netns ]; then addr=$SUBNET.254; else addr=127.0.0.1; fi
  for n in $(names); do
    { echo "127.0.0.1 localhost"; [ "$m" = netns ] && echo "$addr $h" || echo "127.0.0.1 $h"
      for i in $(names); do [ "$m" = netns ] && echo "$SUBNET.${i#n} $i" || echo "127.0.0.1 $i"; done; } >"$D/nodes/$n.hosts"
  done
  local range="n[1-$SLURMLAB_NODES]" where gres="" gtype=""
  case $m in
    netns)    where="NodeAddr=$SUBNET.[1-$SLURMLAB_NODES]" ;;
    loopback) where="NodeAddr=127.0.0.1 Port=[$((BASEPORT+1))-$((BASEPORT+SLURMLAB_NODES))]" ;;
    plain)    where="NodeHostname=$h NodeAddr=127.0.0.1 Port=[$((BASEPORT+1))-$((BASEPORT+SLURMLAB_NODES))]" ;;
  esac
  local few=$range; [ "$SLURMLAB_NODES" -gt 2 ] && few="n[1-$((SLURMLAB_NODES-1))]"
  if [ "$SLURMLAB_NODES" = 1 ]; then few=n1; range=n1; where=${where//\[1-1\]/1}; where=${where//\[*\]/$((BASEPORT+1))}; fi
  if [ "$SLURMLAB_GPUS" -gt 0 ]; then
    # File= (a character device, digits last) is what makes SLURM set CUDA_VISIBLE_DEVICES
    local f=$D/dev/nvidia
    for ((i = 0; i < SLURMLAB_GPUS; i++)); do mknod "$f$i" c 1 3 2>/dev/null || { f=/dev/tty; break; }; done  # copies of /dev/null
    [ "$SLURMLAB_GPUS" = 1 ] && f+=0 || f+="[0-$((SLURMLAB_GPUS-1))]"
    gres="Gres=gpu:${SLURMLAB_GPU_TYPE:+$SLURMLAB_GPU_TYPE:}$SLURMLAB_GPUS"
    [ -n "$SLURMLAB_GPU_TYPE" ] && gtype="Type=$SLURMLAB_GPU_TYPE"
    printf 'AutoDetect=off\nName=gpu %s File=%s\n' "$gtype" "$f" >"$D/gres.conf"
  else : >"$D/gres.conf"; fi
  printf 'CgroupAutomount=no\nConstrainCores=no\nConstrainRAMSpace=no\nConstrainDevices=no\n' >"$D/cgroup.conf"
  # Listen on loopback (netns: the bridge) only.  The daemons then bind what their own hostname
  # resolves to; where the host's /etc/hosts says something else than 127.0.0.1, leave it.
  local comm=NoCtldInAddrAny
  if [ "$m" != netns ]; then
    if [ "$(getent ahostsv4 "$h" | awk 'NR==1{print $1}')" = 127.0.0.1 ]; then comm=NoCtldInAddrAny,NoInAddrAny
    elif [ "$m" = plain ]; then comm=; fi
  fi
  cat >"$D/slurm.conf" <<CONF
ClusterName=slurmlab$SLURMLAB_ID
SlurmctldHost=$h($addr)
SlurmctldPort=$BASEPORT
SlurmdPort=$((BASEPORT+99))
CommunicationParameters=$comm
AuthType=auth/munge
CredType=cred/munge
# cred_expire is also how long a requeued job must wait; default 120 s
AuthInfo=socket=$D/munge/munge.socket,cred_expire=10
SlurmUser=root
SlurmdUser=root
StateSaveLocation=$D/state
SlurmdSpoolDir=$D/spool/%n
SlurmctldPidFile=$D/run/slurmctld.pid
# the pmix plugin's scratch: per node, as all nodes see one /tmp (they would collide)
TmpFS=$D/tmp/%n
SlurmdPidFile=$D/run/slurmd-%n.pid
SlurmctldLogFile=$D/log/slurmctld.log
SlurmdLogFile=$D/log/slurmd-%n.log
SlurmctldDebug=info
SlurmdDebug=info
MailProg=/bin/true
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
SwitchType=switch/none
SelectType=select/cons_tres
SelectTypeParameters=CR_Core
SlurmdParameters=config_overrides
JobAcctGatherType=jobacct_gather/none
AccountingStorageType=accounting_storage/none
JobCompType=jobcomp/filetxt
JobCompLoc=$D/log/jobcomp.txt
MpiDefault=$SLURMLAB_MPI
ReturnToService=2
SlurmctldTimeout=30
SlurmdTimeout=$SLURMLAB_SLURMD_TIMEOUT
MessageTimeout=10
KillWait=$SLURMLAB_KILLWAIT
MinJobAge=7200
JobRequeue=1
PreemptType=preempt/partition_prio
PreemptMode=REQUEUE
SchedulerType=sched/backfill
SchedulerParameters=sched_interval=5,bf_interval=5,bf_resolution=60
${gres:+GresTypes=gpu}
NodeName=$range $where CPUs=$SLURMLAB_CPUS Boards=1 SocketsPerBoard=1 CoresPerSocket=$SLURMLAB_CPUS ThreadsPerCore=1 RealMemory=$SLURMLAB_MEM $gres State=UNKNOWN
PartitionName=DEFAULT Nodes=$few MaxTime=INFINITE DefaultTime=10:00 OverSubscribe=YES State=UP
PartitionName=normal Default=YES PriorityTier=10 PreemptMode=off
PartitionName=preempt PriorityTier=1 PreemptMode=REQUEUE
PartitionName=grace PriorityTier=1 PreemptMode=REQUEUE GraceTime=5
PartitionName=urgent PriorityTier=20 PreemptMode=off
PartitionName=wide Nodes=$range PriorityTier=10 PreemptMode=off
$SLURMLAB_EXTRA_CONF
CONF
  echo "$m" >"$D/mode"
  cat >"$D/env" <<ENV
export SLURM_CONF='$D/slurm.conf'
export OMPI_ALLOW_RUN_AS_ROOT=1
export OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1
ENV
  # one network for all nodes: MPI skips lo unless told
  [ "$m" = netns ] || printf 'export OMPI_MCA_%s\n' btl_tcp_if_include=lo oob_tcp_if_include=lo >>"$D/env"
  # one hostname for all nodes: their /dev/shm/vader_segment.HOSTNAME.* collide (ranks crash)
  [ "$m" = plain ] && echo 'export OMPI_MCA_btl=tcp,self' >>"$D/env"
  return 0
}

pick_mode() {
  local m=$SLURMLAB_MODE t=slabt$$
  case $m in netns|loopback|plain) echo "$m"; return ;; auto) ;; *) die "SLURMLAB_MODE=$m?" ;; esac
  if command -v ip >/dev/null && unshare --uts --pid --mount --net --fork mount -t proc proc /proc 2>/dev/null; then
    if ip link add "$t" type bridge 2>/dev/null; then
      ip link del "$t"
      if ip link add "${t}a" type veth peer name "${t}b" 2>/dev/null; then ip link del "${t}a"; echo netns; return; fi
    fi
  fi
  if unshare --uts --pid --mount --fork mount -t proc proc /proc 2>/dev/null; then echo loopback; return; fi
  echo plain
}

healthy() {  # every declared node known, responding and not down/drained
  local want=$SLURMLAB_NODES out; [ -e "$D/slurm.conf" ] || return 1
  pid_of munged >/dev/null && pid_of slurmctld >/dev/null || return 1
  out=$(timeout 5 sinfo -h -N -p wide -o '%N %T' 2>/dev/null) || return 1
  [ "$(grep -Ec ' (idle|mixed|allocated|completing)$' <<<"$out")" = "$want" ]
}
all_idle() { [ "$(timeout 5 sinfo -h -N -p wide -t idle -o %N 2>/dev/null | grep -c .)" = "$SLURMLAB_NODES" ]; }

why() { say "--- last log lines ($D/log) ---"; tail -qn 5 "$D"/log/*.log "$D"/log/*.out >&2 2>/dev/null
        timeout 5 sinfo -N -o '%N %T %E' >&2 2>/dev/null; }

do_up() {
  local t0=$SECONDS m n c left
  [ "$(id -u)" = 0 ] || die "needs root (munged, slurmd, namespaces)"
  for c in munged slurmctld slurmd sinfo unshare nsenter setsid flock; do
    command -v "$c" >/dev/null || die "$c not found: apt-get install slurm-wlm munge util-linux iproute2"; done
  [[ $D =~ ^/[A-Za-z0-9._/+@-]+$ ]] || die "SLURMLAB_DIR=$D: an absolute path of plain characters, please"
  [ ${#D} -le 85 ] || die "SLURMLAB_DIR is too long for a unix socket: $D"
  if healthy; then say "already up ($(mode) mode, $D)"; cat "$D/env"; return 0; fi
  stop_all; rm -rf "$D"/{run,nodes,spool,tmp,state,munge,dev,slurm.conf,mode,env}
  m=$(pick_mode) || exit 1
  write_conf "$m"; rm -f "$D"/log/*
  trap 'stop_all; exit 130' INT TERM HUP
  head -c 128 /dev/urandom >"$D/munge/munge.key"; chmod 600 "$D/munge/munge.key"
  spawn munged munged --force --foreground --key-file="$D/munge/munge.key" --socket="$D/munge/munge.socket" \
    --pid-file="$D/munge/munged.pid" --log-file="$D/log/munged.log" --seed-file="$D/munge/munged.seed" --origin=127.0.0.1
  if [ "$m" = netns ]; then
    ip link del "$BR" 2>/dev/null
    ip link add "$BR" type bridge && ip addr add "$SUBNET.254/24" dev "$BR" && ip link set "$BR" up ||
      { stop_all; die "cannot create bridge $BR with $SUBNET.254/24 (SLURMLAB_MODE=loopback needs none)"; }
  fi
  for ((c = 0; c < 50; c++)); do munge -n -S "$D/munge/munge.socket" >/dev/null 2>&1 && break; sleep 0.1; done
  [ $c -lt 50 ] || { why; stop_all; die "munged did not come up in 5 s"; }
  # slurmctld binds (NoCtldInAddrAny) what its hostname resolves to: give it its own /etc/hosts
  if [ "$m" != plain ]; then
    spawn slurmctld unshare --mount "$BASH" -c 'mount --bind "$1" /etc/hosts && exec slurmctld -D -c -f "$2"' - "$D/nodes/n1.hosts" "$SLURM_CONF"
  else spawn slurmctld slurmctld -D -c -f "$SLURM_CONF"; fi
  for n in $(names); do node_start "$n" || { why; stop_all; die "node $n did not start"; }; done
  while ! { healthy && all_idle; }; do
    left=$((SLURMLAB_TIMEOUT - (SECONDS - t0)))
    pid_of slurmctld >/dev/null || { why; stop_all; die "slurmctld died"; }
    [ $left -gt 0 ] || { why; stop_all; die "nodes not idle after $SLURMLAB_TIMEOUT s"; }
    sleep 0.2
  done
  trap - INT TERM HUP
  say "up: $SLURMLAB_NODES nodes x $SLURMLAB_CPUS cpus x $SLURMLAB_GPUS gpus, $m mode, $((SECONDS - t0)) s, state in $D"
  cat "$D/env"
}

stop_all() {  # never more than the processes noted in run/*.proc and what lives below them
  local f n m p; m=$(mode)
  if [ "$m" = plain ] && [ -e "$D/slurm.conf" ]; then  # no namespace to tear down: cancel, then look for leftovers
    timeout 5 scancel --signal=KILL --user="$(id -un)" 2>/dev/null
    timeout 5 scancel --user="$(id -un)" 2>/dev/null; sleep 0.5
  fi
  for f in "$D"/run/init-*.proc; do [ -e "$f" ] || continue; f=${f##*/}; stop "${f%.proc}" KILL; done
  for f in "$D"/run/node-*.proc; do [ -e "$f" ] || continue; f=${f##*/}; stop "${f%.proc}"; done
  stop slurmctld
  if [ "$m" = plain ]; then  # job processes carry our SLURM_CONF in their environment
    for f in /proc/[0-9]*/environ; do
      p=${f#/proc/}; p=${p%/environ}; [ "$p" = $$ ] && continue
      grep -zqx "SLURM_CONF=$D/slurm.conf" "$f" 2>/dev/null && grep -zq '^SLURM_JOB_ID=' "$f" 2>/dev/null && kill -KILL "$p" 2>/dev/null
    done
  fi
  stop munged
  if [ "$m" = netns ]; then for n in $(names); do ip link del "$BR-${n#n}" 2>/dev/null; done; ip link del "$BR" 2>/dev/null; fi
  return 0
}

do_status() {
  [ -e "$D/slurm.conf" ] || { echo "not running ($D)"; return 3; }
  local f; echo "mode=$(mode) dir=$D"
  for f in "$D"/run/*.proc; do [ -e "$f" ] || continue; f=${f##*/}; f=${f%.proc}; echo "$f pid=$(pid_of "$f" || echo dead)"; done
  timeout 5 sinfo -N -p wide -o '%N %T %C %G %E'; healthy || return 3
}

cmd=${1:-}; shift || true
case $cmd in
  __node) node_init "$1"; exit ;;
  up|down|kill-node|start-node) mkdir -p "$D" || die "cannot create $D"
    exec 9>"$D/.lock"; flock -w 60 9 || die "another slurm-cluster.sh holds $D/.lock" ;;
esac
# a running cluster knows its own size
if [ "$cmd" != up ] && [ -e "$D/nodes" ]; then SLURMLAB_NODES=$(ls "$D"/nodes/*.hosts 2>/dev/null | grep -c .); fi
case $cmd in
  up)     do_up ;;
  down)   stop_all; rm -rf "$D"/{run,nodes,spool,tmp,state,munge,dev,slurm.conf,gres.conf,cgroup.conf,mode,env}; say "down ($D/log kept)" ;;
  status) do_status ;;
  env)    cat "$D/env" 2>/dev/null || die "not running" ;;
  exec)   is_node "${1:-}" || die "exec NODE CMD..."; node_exec "$@" ;;
  kill-node)  is_node "${1:-}" || die "kill-node NODE"; node_kill "$1" ;;
  start-node) is_node "${1:-}" || die "start-node NODE"; pid_of "init-$1" >/dev/null && die "$1 is running"; node_start "$1" ;;
  cut-node)   is_node "${1:-}" && [ "$(mode)" = netns ] || die "cut-node NODE (netns mode)"; ip link set "$BR-${1#n}" down ;;
  heal-node)  is_node "${1:-}" && [ "$(mode)" = netns ] || die "heal-node NODE (netns mode)"; node_heal "$1" ;;
  *) sed -n '2,/^set /{/^set /d;s/^# \{0,1\}//;p}' "$SELF" >&2; exit 2 ;;
esac
