#!/bin/sh
# Makes all files of this folder anew (OpenSSL 3). They hold until 2100, so that no test fails of age; the key is
# for tests only, and nothing trusts it. The authority's key is thrown away.
#
#   ca.pem           an authority that nobody knows, as a company has one
#   server.pem       its certificate for localhost and two names of example.test; not for 127.0.0.1
#   expired.pem      the same for localhost, ended in 2001
#   selfSigned.pem   a certificate for localhost that no authority signed
#   key.pem          the key of the last three
set -eu
cd "$(dirname "$0")"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

new_key() { openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:prime256v1 -out "$1"; }
new_key key.pem
new_key "$work/ca.key"

cat > "$work/openssl.cnf" <<CONFIG
[req]
distinguished_name = none
prompt = no
[none]
[authority]
basicConstraints = critical, CA:TRUE
keyUsage = critical, keyCertSign
[server]
subjectAltName = DNS:localhost, DNS:cts.example.test, DNS:iam.example.test
[expired]
subjectAltName = DNS:localhost
[ca]
default_ca = default
[default]
database = $work/index.txt
rand_serial = yes
new_certs_dir = $work
default_md = sha256
policy = any
[any]
commonName = supplied
CONFIG
: > "$work/index.txt"

# name, key, common name, end, extensions, further arguments
sign() {
  openssl req -new -config "$work/openssl.cnf" -key "$2" -subj "/CN=$3" -out "$work/$1.csr"
  openssl ca -batch -notext -config "$work/openssl.cnf" -in "$work/$1.csr" -out "$1" \
    -startdate 20000101000000Z -enddate "$4" -extensions "$5" ${6:-} 2> "$work/log" || { cat "$work/log"; exit 1; }
}
sign ca.pem "$work/ca.key" "Test authority" 21000101000000Z authority "-selfsign -keyfile $work/ca.key"
signed="-cert ca.pem -keyfile $work/ca.key"
sign server.pem key.pem "localhost" 21000101000000Z server "$signed"
sign expired.pem key.pem "Expired" 20010101000000Z expired "$signed"
sign selfSigned.pem key.pem "Nobody" 21000101000000Z server "-selfsign -keyfile key.pem"
