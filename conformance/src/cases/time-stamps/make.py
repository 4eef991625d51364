"""Makes the time-stamp tokens of the suite with OpenSSL 3. Keys are new in each run, so the files are kept, not made again.
Run in an empty folder: python3 .../make.py"""
import subprocess, hashlib, datetime, os
OUT=os.path.dirname(os.path.abspath(__file__))+"/"
def sh(c): subprocess.run(c,shell=True,check=True,stdout=subprocess.DEVNULL,stderr=subprocess.DEVNULL)
def w(n,t): open(n,"w").write(t)
ROOT="basicConstraints = critical, CA:TRUE\nkeyUsage = critical, keyCertSign\nsubjectKeyIdentifier = hash\n"
TSA="basicConstraints = critical, CA:FALSE\nkeyUsage = critical, digitalSignature\nextendedKeyUsage = %s\nsubjectKeyIdentifier = hash\n"
def key(n,k):
    o={"ec":"EC -pkeyopt ec_paramgen_curve:P-256","p384":"EC -pkeyopt ec_paramgen_curve:P-384","rsa":"RSA -pkeyopt rsa_keygen_bits:2048"}[k]
    sh(f"openssl genpkey -algorithm {o} -out {n}.key")
serial=[10]
def cert(n,by,ext,days=7300):
    w(n+".ext",ext); sh(f"openssl req -new -key {n}.key -subj '/C=KR/O=K-BTF example/CN={n}' -out {n}.csr")
    serial[0]+=1
    b=f"-signkey {n}.key" if by==n else f"-CA {by}.pem -CAkey {by}.key -set_serial {serial[0]}"
    sh(f"openssl x509 -req -in {n}.csr {b} -days {days} -extfile {n}.ext -out {n}.pem && openssl x509 -in {n}.pem -outform DER -out {n}.der")
def tlv(t,*p):
    v=b"".join(p); n=len(v)
    return bytes([t])+(bytes([n]) if n<128 else b"\x82"+n.to_bytes(2,"big"))+v
DATA=b"history"
def info(time, policy=b"\x2a\x03", data=DATA, more=b""):
    sha=tlv(6,bytes([0x60,0x86,0x48,0x01,0x65,0x03,0x04,0x02,0x01]))
    imp=tlv(0x30,tlv(0x30,sha),tlv(4,hashlib.sha256(data).digest()))
    return tlv(0x30,tlv(2,b"\x01"),tlv(6,policy),imp,tlv(2,b"\x09"),tlv(0x18,time.encode()),more)
def sign(name,inf,signer,more="-cades",out=True):
    open("info.der","wb").write(inf)
    sh(f"openssl cms -sign -binary -nodetach {more} -md sha256 -econtent_type 1.2.840.113549.1.9.16.1.4 -in info.der -signer {signer}.pem -inkey {signer}.key -outform DER -out {name}.der")
    os.replace(name+".der",OUT+name+".der")
key("root","ec"); cert("root","root",ROOT)
key("stranger","ec"); sh("cp stranger.key same.key")
# another root of the same name
w("other.ext",ROOT); sh("openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out other.key; openssl req -new -key other.key -subj '/C=KR/O=K-BTF example/CN=root' -out other.csr; openssl x509 -req -in other.csr -signkey other.key -days 7300 -extfile other.ext -outform DER -out other.der")
for n,k,e in [("authority","ec","critical, timeStamping"),("authority-rsa","rsa","critical, timeStamping"),("authority-p384","p384","critical, timeStamping"),("two-uses","ec","critical, timeStamping, codeSigning"),("not-critical","ec","timeStamping"),("web","ec","critical, serverAuth")]:
    key(n,k); cert(n,"root",TSA%e)
# an authority certified by one that is no authority
key("under","ec"); cert("under","authority",TSA%"critical, timeStamping")
T="20261130090000Z"
sign("good",info(T),"authority"); sign("rsa",info(T),"authority-rsa"); sign("p384",info("20261130090000.25Z"),"authority-p384")
sign("two-uses",info(T),"two-uses"); sign("not-critical",info(T),"not-critical"); sign("web",info(T),"web")
sign("under",info(T),"under","-cades -certfile authority.pem")
sign("early",info("20200101000000Z"),"authority"); sign("late",info("20990101000000Z"),"authority")
sign("unbound",info(T),"authority",""); sign("no-attributes",info(T),"authority","-noattr")
sign("two-signers",info(T),"authority","-cades -signer authority-p384.pem -inkey authority-p384.key")
sign("critical",info(T,more=tlv(0xa1,tlv(0x30,tlv(6,b"\x2a\x03"),b"\x01\x01\xff",tlv(4,b"\x05\x00")))),"authority")
sign("zone",info("20261130090000+0900"),"authority")
sign("nonce",info(T,more=tlv(2,b"\x2a")),"authority")
for n in ["root","other"]: os.replace(n+".der",OUT+n+".der")
# the answer of an authority
w("tsa.cnf","[tsa]\ndefault_tsa = it\n[it]\nserial = serial\nsigner_cert = authority.pem\nsigner_key = authority.key\nsigner_digest = sha256\ndefault_policy = 1.2.3\ndigests = sha256\ness_cert_id_alg = sha256\n")
open("data","wb").write(DATA)
sh("openssl ts -query -data data -sha256 -cert -no_nonce -out q.tsq; openssl ts -reply -config tsa.cnf -queryfile q.tsq -out response.der")
os.replace("response.der",OUT+"response.der")
q=bytearray(open("q.tsq","rb").read()); q[4]=9; open("bad.tsq","wb").write(q)
sh("openssl ts -reply -config tsa.cnf -queryfile bad.tsq -out refusal.der"); os.replace("refusal.der",OUT+"refusal.der")
